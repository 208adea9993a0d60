#!/usr/bin/env bash
# What is left over from the build. Needs common.sh and erase.sh.

PROXY_LINE='^[[:space:]]*(Acquire::(http|https|ftp)::Proxy|proxy[[:space:]]*=)'

# SEAL-002, SEAL-003, SEAL-004: rotated files go, the others are emptied and keep their owners. The journal's folder
# stays, since its being there is what makes the journal persistent.
erase_logs() {
  [ -d /var/log ] || return 0
  empty_folders /var/log/journal /var/log/installer /var/log/anaconda
  find /var/log -xdev -type f \( -name '*.gz' -o -name '*.xz' -o -name '*.bz2' -o -name '*.zst' -o -name '*.old' \
    -o -name '*.[0-9]' -o -name '*.[0-9][0-9]' -o -name '*-[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]' \
    -o -name '*-[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9].*' \) -delete
  find /var/log -xdev -type f ! -name README -size +0 -exec truncate -c -s 0 {} +
  truncate_files /var/lib/wtmpdb/wtmp.db /var/lib/lastlog/lastlog2.db
  # SQLite would take up again what stands in these.
  rm -f /var/lib/wtmpdb/wtmp.db-* /var/lib/lastlog/lastlog2.db-*
  rm -rf /var/lib/rsyslog/imjournal.state /var/lib/systemd/coredump/* /var/spool/rsyslog/*
}

# SEAL-016. Crontabs may be the product, so they stay.
erase_mail_and_crashes() {
  local folder file home
  for folder in /var/mail /var/spool/mail; do
    for file in "$folder"/*; do
      truncate_files "$file"
    done
  done
  empty_folders /var/crash /var/lib/systemd/coredump /var/spool/abrt /var/lib/apport/coredump
  # Jobs of `at` run once, and hold the whole environment of whoever asked for them; `at` needs its .SEQ and folders.
  find /var/spool/at /var/spool/cron/atjobs /var/spool/cron/atspool -xdev -type f ! -name .SEQ -delete 2>/dev/null || true
  load_homes
  for home in '' "${HOMES[@]}"; do
    shred_files "$home/core" "$home"/core.[0-9]*
  done
}

# SEAL-011. dnf's history stays: it knows which packages were asked for and which only came along.
erase_package_caches() {
  if has_command apt-get; then
    apt-get clean
    empty_folders /var/lib/apt/lists
    rm -f /var/cache/apt/*.bin /var/cache/debconf/*-old
  fi
  if has_command dnf; then
    dnf -q clean all
  elif has_command yum; then
    yum -q clean all
  fi
  empty_folders /var/cache/dnf /var/cache/yum
}

# SEAL-024: the builder's way to the network, unless the image is meant to have it.
erase_package_proxies() {
  local file
  for file in /etc/apt/apt.conf /etc/apt/apt.conf.d/* /etc/yum.conf /etc/dnf/dnf.conf; do
    if grep -qsiE "$PROXY_LINE" "$file"; then
      sed -i -E "/$PROXY_LINE/Id" "$file"
      log "removed the proxy of $file"
    fi
  done
}

# SEAL-012, SEAL-020: the upload and Packer's own script lie here too; both have been read.
erase_temporary_files() {
  empty_folders /tmp /var/tmp
}

# SEAL-018: swap holds whatever was in memory. A file goes, with its line in fstab; a partition is overwritten and made
# again under the same name.
erase_swap() {
  local device kind
  [ -f /etc/fstab ] || return 0
  if is_booted; then swapoff -a; fi
  while read -r device kind; do
    [ "$kind" = swap ] || continue
    case $device in
      /dev/* | UUID=* | LABEL=* | PARTUUID=* | PARTLABEL=*) if is_booted; then wipe_swap_partition "$device"; fi ;;
      /*)
        shred_files "$device"
        remove_fstab_line "$device"
        ;;
    esac
  done <<<"$(awk '$1 !~ /^#/ && NF >= 3 { print $1, $3 }' /etc/fstab)"
  shred_files /swapfile /swap.img
}

wipe_swap_partition() {
  local device uuid label
  device=$(blkid -l -o device -t "$1" 2>/dev/null || true)
  [ -n "$device" ] || device=$1
  [ -b "$device" ] || return 0
  uuid=$(blkid -s UUID -o value "$device" || true)
  label=$(blkid -s LABEL -o value "$device" || true)
  # Ends with "no space left", which is the point.
  dd if=/dev/zero of="$device" bs=1M conv=fsync 2>/dev/null || true
  mkswap ${uuid:+-U "$uuid"} ${label:+-L "$label"} "$device" >/dev/null
}

remove_fstab_line() {
  local left
  left=$(awk -v device="$1" '!($1 == device && $3 == "swap")' /etc/fstab)
  printf '%s\n' "$left" >/etc/fstab
}

# SEAL-021: deleted data stays readable in the snapshot until its blocks are overwritten; EBS has no TRIM.
fill_free_space() {
  local mount
  {
    printf '/\n'
    awk '$3 ~ /^(ext[234]|xfs)$/ { print $2 }' /proc/self/mounts || true
  } | sort -u | while IFS= read -r mount; do
    [ -w "$mount" ] || continue
    log "overwriting the free space of $mount"
    # Ends with "no space left", which is the point.
    dd if=/dev/zero of="$mount/.buildimg-zero" bs=4M conv=fsync 2>/dev/null || true
    rm -f "$mount/.buildimg-zero"
  done
}
