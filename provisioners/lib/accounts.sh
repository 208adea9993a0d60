#!/usr/bin/env bash
# Accounts and homes of this image, read from its own files: NSS might answer from a directory server. Needs common.sh.

# `!*` can match no password, holds no hash that could be cracked offline or brought back by `passwd -u`, and, unlike
# `passwd -d`, does not let `su` in without a password.
LOCKED_PASSWORD='!*'

# Names whose password field is not locked clean: empty, a hash, or a hash behind `!` (passwd -l leaves that).
list_accounts_with_password() {
  awk -F: '$2 !~ /^[!*]+$/ && $2 != "x" { print $1 }' /etc/shadow
}

list_groups_with_password() {
  [ -f /etc/gshadow ] || return 0
  awk -F: '$2 != "" && $2 !~ /^[!*]+$/ && $2 != "x" { print $1 }' /etc/gshadow
}

lock_password() {
  usermod -p "$LOCKED_PASSWORD" -- "$1"
  log "locked the password of $1"
}

# Home folders: of every account wherever it is, and every folder where homes usually are, for accounts deleted since.
list_homes() {
  {
    awk -F: '{ print $6 }' /etc/passwd
    printf '%s\n' /root
    find -H /home -xdev -mindepth 1 -maxdepth 1 -type d 2>/dev/null || true
  } | while IFS= read -r home; do
    home=$(readlink -f -- "$home" || true)
    case $home in
      '' | / | /bin | /sbin | /usr | /usr/* | /dev | /dev/* | /proc | /proc/* | /sys | /sys/* | /run | /run/* | /etc) ;;
      *) if [ -d "$home" ]; then printf '%s\n' "$home"; fi ;;
    esac
  done | sort -u
}

# list_histories HOME: what shells, database clients and editors write down.
list_histories() {
  local home=$1
  find "$home" -xdev -maxdepth 1 \( -type f -o -type l \) \
    \( -name '.*_history' -o -name '.*_hist' -o -name '.*_history-*' -o -name .history -o -name .zhistory \
    -o -name .lesshst -o -name .viminfo -o -name .wget-hsts \) -print
  for folder in .bash_sessions .zsh_sessions .mongodb .local/share/fish .local/state/nvim/shada \
    .local/share/nvim/shada; do
    [ -d "$home/$folder" ] || continue
    case $folder in
      .mongodb | .local/share/fish) find "$home/$folder" -xdev -type f -name '*history*' -print ;;
      *) find "$home/$folder" -xdev -type f -print ;;
    esac
  done
}

# list_private_keys HOME: by content, since people name keys as they like.
list_private_keys() {
  [ -d "$1/.ssh" ] || return 0
  find "$1/.ssh" -xdev -type f -exec \
    grep -lE -m1 -e '-----BEGIN [A-Z ]*PRIVATE KEY-----|^PuTTY-User-Key-File-' {} +
  return 0
}
