#!/usr/bin/env bash
# ACC-008, ACC-009, SUD-…. Passwordless sudo of the login user stays: it has no password. Needs common.sh; checks need
# checks.sh.

SUDO_FILE=/etc/sudoers.d/60-buildimg
SUDO_TEXT=''

# list_sudoers_files [FILE [DEPTH]]: those that sudo reads, included ones too; in a folder it ignores names with a dot or a
# tilde at the end. sudo-rs reads a file of its own where there is one.
list_sudoers_files() {
  local file=${1:-/etc/sudoers} depth=${2:-0} text word place included
  if [ $# -eq 0 ]; then
    if [ -e /etc/sudoers-rs ] && is_sudo_rs; then file=/etc/sudoers-rs; fi
    [ -e "$file" ] || [ -L "$file" ] || return 0
  fi
  # As deep as sudo itself goes.
  if [ "$depth" -gt 128 ]; then
    printf '%s is included too deep\n' "$file" >&2
    return 1
  fi
  printf '%s\n' "$file"
  text=$(cat -- "$file")
  while read -r word place _; do
    place=${place#\"}
    place=${place%\"}
    case $place in /*) ;; *) place=/etc/$place ;; esac
    case $word in
      '@include' | '#include') list_sudoers_files "${place//%h/$HOSTNAME}" $((depth + 1)) ;;
      '@includedir' | '#includedir')
        for included in "$place"/*; do
          case ${included##*/} in *.* | *~ | '*') continue ;; esac
          [ -d "$included" ] || list_sudoers_files "$included" $((depth + 1))
        done
        ;;
    esac
  done <<<"$text"
}

is_sudo_rs() {
  case $(sudo --version 2>&1) in sudo-rs*) return 0 ;; *) return 1 ;; esac
}

# ACC-008: cloud-init writes its own file again for whoever the default user then is.
check_passwordless_sudo() {
  local file line subject user
  user=$(default_user)
  see "$1" list_sudoers_files
  for file in $SEEN; do
    [ "$file" != /etc/sudoers.d/90-cloud-init-users ] || continue
    while IFS= read -r line || [ -n "$line" ]; do
      case $line in '#'* | '') continue ;; esac
      case $line in *NOPASSWD* | *'!authenticate'*) ;; *) continue ;; esac
      read -r subject _ <<<"$line"
      [ "$subject" = "$user" ] || miss "$1" "$subject becomes root without a password by $file"
    done <"$file"
  done
}

# ACC-009
harden_sudoers_files() {
  local file
  must_see list_sudoers_files
  for file in $SEEN; do
    chown root:root "$file"
    chmod 0440 "$file"
  done
}

check_sudoers_files() {
  see "$1" list_sudoers_files
  [ -n "$SEEN" ] || return 0
  # shellcheck disable=SC2086
  check_listed "$1" 'is not root:root 0440' find $SEEN \( ! -user root -o ! -group root -o ! -perm 0440 \) -print
  has_command sudo || return 0
  look visudo -c
  [ -z "$BLIND" ] || miss "$1" "sudo refuses its configuration (visudo -c): $BLIND"
}

# SUD-001, SUD-002
sudo_default() {
  case $1 in
    SUD-001) printf 'Defaults use_pty' ;;
    SUD-002) printf 'Defaults logfile="/var/log/sudo.log"' ;;
  esac
}

add_sudo_default() {
  SUDO_TEXT="$SUDO_TEXT# $1"$'\n'"$(sudo_default "$1")"$'\n'
}

write_sudo_defaults() {
  [ -f /etc/sudoers ] && [ -n "$SUDO_TEXT" ] || return 0
  printf '# Written by buildimg (harden).\n%s' "$SUDO_TEXT" | write_file "$SUDO_FILE" 0440 root:root
}

# In any file: the distribution may say the same already.
check_sudo_default() {
  local wanted
  see "$1" list_sudoers_files
  [ -n "$SEEN" ] || return 0
  wanted=$(sudo_default "$1")
  # shellcheck disable=SC2086
  grep -qsxF -- "$wanted" $SEEN || miss "$1" "sudo has no \"$wanted\""
}
