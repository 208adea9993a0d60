#!/usr/bin/env bash
# FS-002, FS-007. Needs common.sh; checks need checks.sh.

# FS-002: programs may rely on writing, so files lose only what everybody has, and folders get the sticky bit.
harden_world_writable() {
  find /etc /usr /opt -xdev \( -type f -perm -0002 -exec chmod o-w {} + \) -o \
    \( -type d -perm -0002 ! -perm -1000 -exec chmod +t {} + \)
}

check_world_writable() {
  check_listed "$1" 'can be written by everybody' \
    search find /etc /usr /opt -xdev \( -type f -o -type d ! -perm -1000 \) -perm -0002 -print
}

# FS-007: no allow lists for cron: Elastic Beanstalk runs its log rotation by it.
harden_boot_and_cron_files() {
  list_open_boot_and_cron_files | while IFS= read -r file; do
    chown root:root -- "$file"
    chmod go-rwx -- "$file" || warn "$file keeps its mode"
  done
}

check_boot_and_cron_files() {
  check_listed "$1" 'can be read or written by others' list_open_boot_and_cron_files
}

# The EFI partition has no modes of its own.
list_open_boot_and_cron_files() {
  search find /etc/crontab /etc/cron.d /etc/cron.hourly /etc/cron.daily /etc/cron.weekly /etc/cron.monthly \
    /boot/grub/grub.cfg /boot/grub2/grub.cfg /boot/grub2/user.cfg -maxdepth 0 -perm /077 -print
}
