#!/usr/bin/env bash
# ACC-008, ACC-009, SUD-…. Passwordless sudo of the login user stays: it has no password. Needs common.sh; checks need
# checks.sh.

SUDO_FILE=/etc/sudoers.d/60-buildimg
SUDO_TEXT=''

# list_sudoers_files: those that sudo reads; it ignores names with a dot or a tilde at the end.
list_sudoers_files() {
  local file
  [ -f /etc/sudoers ] || return 0
  printf '/etc/sudoers\n'
  for file in /etc/sudoers.d/*; do
    case ${file##*/} in *.* | *~ | '*') ;; *) printf '%s\n' "$file" ;; esac
  done
}

# ACC-008: cloud-init writes its own file again for whoever the default user then is.
check_passwordless_sudo() {
  local file line subject user
  user=$(default_user)
  for file in $(list_sudoers_files); do
    [ "$file" != /etc/sudoers.d/90-cloud-init-users ] || continue
    while IFS= read -r line || [ -n "$line" ]; do
      case $line in '#'* | '') continue ;; esac
      case $line in *NOPASSWD:* | *'!authenticate'*) ;; *) continue ;; esac
      read -r subject _ <<<"$line"
      [ "$subject" = "$user" ] || miss "$1" "$subject becomes root without a password by $file"
    done <"$file"
  done
}

# ACC-009
harden_sudoers_files() {
  local file
  for file in $(list_sudoers_files); do
    chown root:root "$file"
    chmod 0440 "$file"
  done
}

check_sudoers_files() {
  [ -f /etc/sudoers ] || return 0
  # shellcheck disable=SC2046
  check_listed "$1" 'is not root:root 0440' \
    <<<"$(find $(list_sudoers_files) \( ! -user root -o ! -group root -o ! -perm 0440 \) -print)"
  if has_command visudo && ! visudo -cq >/dev/null 2>&1; then miss "$1" "sudo refuses its configuration (visudo -c)"; fi
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
  [ -f /etc/sudoers ] || return 0
  wanted=$(sudo_default "$1")
  # shellcheck disable=SC2046
  grep -qsxF -- "$wanted" $(list_sudoers_files) || miss "$1" "sudo has no \"$wanted\""
}
