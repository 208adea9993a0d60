#!/usr/bin/env bash
# Accounts and homes of this image, read from its own files: NSS might answer from a directory server. Needs common.sh and
# look.sh.

# `!*` can match no password, holds no hash that could be cracked offline or brought back by `passwd -u`, and, unlike
# `passwd -d`, does not let `su` in without a password.
LOCKED_PASSWORD='!*'

# Names whose password field is not locked clean: empty, a hash, or a hash behind `!` (passwd -l leaves that).
list_accounts_with_password() {
  cut -d : -f 1,2 /etc/shadow | awk -F: '$2 !~ /^[!*]+$/ && $2 != "x" { print $1 }'
}

list_groups_with_password() {
  search cat /etc/gshadow | awk -F: '$2 != "" && $2 !~ /^[!*]+$/ && $2 != "x" { print $1 }'
}

lock_password() {
  usermod -p "$LOCKED_PASSWORD" -- "$1"
  log "locked the password of $1"
}

# Home folders: of every account wherever it is, and every folder where homes usually are, for accounts deleted since.
# Nothing is started for each of them: on a small instance every process takes its time.
list_homes() {
  local home seen=$'\n' homes
  homes=$(cut -d : -f 6 /etc/passwd && printf '/root\n' && search find -H /home -xdev -mindepth 1 -maxdepth 1 -type d)
  (
    while IFS= read -r home; do
      case $home in /*) ;; *) continue ;; esac
      [ -d "$home" ] || continue
      # The shell's own way to follow every link of a path.
      cd -P -- "$home" || exit 1
      home=$PWD
      case $home in
        / | /bin | /sbin | /usr | /usr/* | /dev | /dev/* | /proc | /proc/* | /sys | /sys/* | /run | /run/* | /etc) continue ;;
      esac
      case $seen in *$'\n'"$home"$'\n'*) continue ;; esac
      seen="$seen$home"$'\n'
      printf '%s\n' "$home"
    done <<<"$homes"
  )
}

# load_homes: HOMES becomes the list, for one question about all of them.
# shellcheck disable=SC2034
load_homes() {
  must_see list_homes
  HOMES=()
  [ -z "$SEEN" ] || mapfile -t HOMES <<<"$SEEN"
}

# list_histories HOME…: what shells, database clients and editors write down.
list_histories() {
  local home folder folders=()
  [ $# -gt 0 ] || return 0
  find "$@" -xdev -maxdepth 1 \( -type f -o -type l \) \
    \( -name '.*_history' -o -name '.*_hist' -o -name '.*_history-*' -o -name .history -o -name .zhistory \
    -o -name .lesshst -o -name .viminfo -o -name .wget-hsts \) -print
  for home in "$@"; do
    for folder in .bash_sessions .zsh_sessions .mongodb .local/share/fish .local/state/nvim/shada \
      .local/share/nvim/shada; do
      if [ -d "$home/$folder" ]; then folders+=("$home/$folder"); fi
    done
  done
  [ "${#folders[@]}" -gt 0 ] || return 0
  find "${folders[@]}" -xdev -type f \( ! -path '*/.mongodb/*' ! -path '*/.local/share/fish/*' -o -name '*history*' \) -print
}

# list_private_keys HOME…: by content, since people name keys as they like.
list_private_keys() {
  local home folders=()
  for home in "$@"; do
    if [ -d "$home/.ssh" ]; then folders+=("$home/.ssh"); fi
  done
  [ "${#folders[@]}" -gt 0 ] || return 0
  search grep -rlE -m1 -e '-----BEGIN [A-Z ]*PRIVATE KEY-----|^PuTTY-User-Key-File-' -- "${folders[@]}"
}
