#!/usr/bin/env bash
# ACC-…, FS-006. Reads the image's own files. Needs common.sh, distro.sh, lib/accounts.sh; checks need checks.sh.

FIRST_LOGIN_UID=1000
LAST_LOGIN_UID=60000

# list_accounts FILTER: names for which the function says yes to NAME UID HOME SHELL.
list_accounts() {
  local name uid home shell accounts
  accounts=$(cat /etc/passwd)
  while IFS=: read -r name _ uid _ _ home shell; do
    case $name in '' | [+-]*) continue ;; esac
    if "$1" "$name" "$uid" "$home" "$shell"; then printf '%s\n' "$name"; fi
  done <<<"$accounts"
}

# ACC-001
lock_empty_passwords() {
  local name
  must_see list_empty_passwords
  for name in $SEEN; do lock_password "$name"; done
}

check_empty_passwords() {
  check_listed "$1" 'needs no password' list_empty_passwords
}

list_empty_passwords() {
  cut -d : -f 1,2 /etc/shadow | awk -F: '$1 != "" && $2 == "" { print $1 }'
}

# ACC-004
lock_root() {
  must_see list_accounts_with_password
  case $'\n'"$SEEN"$'\n' in *$'\nroot\n'*) lock_password root ;; esac
}

check_root_locked() {
  see "$1" list_accounts_with_password
  case $'\n'"$SEEN"$'\n' in *$'\nroot\n'*) miss "$1" "root has a password, or none at all" ;; esac
}

# ACC-005
check_root_is_alone() {
  check_listed "$1" 'has uid 0' list_accounts is_second_root
}

is_second_root() {
  [ "$2" = 0 ] && [ "$1" != root ]
}

# ACC-007
check_login_accounts() {
  local name expected
  expected=" $(default_user) $(option LOGIN_USERS '' | tr '\n' ' ') "
  see "$1" list_accounts is_login_account
  for name in $SEEN; do
    case $expected in *" $name "*) ;; *) miss "$1" "$name can log in" ;; esac
  done
}

is_login_account() {
  [ "$2" -ge "$FIRST_LOGIN_UID" ] && [ "$2" -le "$LAST_LOGIN_UID" ] && ! is_no_shell "$4"
}

is_no_shell() {
  case $1 in */nologin | */false) return 0 ;; *) return 1 ;; esac
}

# ACC-011: the distributions differ in who may read shadow, and the wrong owner breaks unix_chkpwd.
harden_account_files() {
  local file
  for file in /etc/shadow /etc/gshadow; do
    [ -f "$file" ] || continue
    if [ "$(distro_family)" = debian ]; then
      chown root:shadow "$file"
      chmod u=rw,g=r,o= "$file"
    else
      chown root:root "$file"
      chmod 0000 "$file"
    fi
  done
  chown root:root /etc/passwd /etc/group
  chmod 0644 /etc/passwd /etc/group
}

check_account_files() {
  check_listed "$1" 'can be read or written by the wrong people' search find /etc/shadow /etc/gshadow \
    \( ! -user root -o -perm /037 -o ! -group root ! -group shadow \) -print
  check_listed "$1" 'can be written by others' \
    find /etc/passwd /etc/group \( ! -user root -o ! -group root -o -perm /022 \) -print
}

# ACC-012: yescrypt where the library has it.
harden_password_hashing() {
  local method=SHA512
  case $(grep -hsE '^[^#].*pam_unix\.so' /etc/pam.d/common-password /etc/pam.d/system-auth || true) in *yescrypt*) method=YESCRYPT ;; esac
  [ -f /etc/login.defs ] || return 0
  if grep -qE '^ENCRYPT_METHOD[[:space:]]+(SHA512|YESCRYPT)$' /etc/login.defs; then return 0; fi
  {
    grep -vE '^[[:space:]]*ENCRYPT_METHOD[[:space:]]' /etc/login.defs
    printf 'ENCRYPT_METHOD %s\n' "$method"
  } | write_file /etc/login.defs 0644 root:root
}

check_password_hashing() {
  [ -f /etc/login.defs ] || return 0
  grep -qE '^ENCRYPT_METHOD[[:space:]]+(SHA512|YESCRYPT)$' /etc/login.defs || miss "$1" "ENCRYPT_METHOD is not SHA512 or YESCRYPT"
}

# ACC-014: masked, since the kernel command line can start it as well.
harden_consoles() {
  rm -f /etc/systemd/system/*.wants/debug-shell.service
  ln -sfn /dev/null /etc/systemd/system/debug-shell.service
}

check_consoles() {
  [ "$(readlink /etc/systemd/system/debug-shell.service || true)" = /dev/null ] || miss "$1" "debug-shell.service is not masked"
  check_listed "$1" 'logs somebody in without a password' search grep -lE '^ExecStart=.*agetty.*(--autologin| -a )' \
    /etc/systemd/system/*getty*.d/*.conf /etc/systemd/system/*getty*.service
}

# ACC-016
harden_system_accounts() {
  local name
  must_see list_accounts is_open_system_account
  for name in $SEEN; do
    usermod -s /usr/sbin/nologin -- "$name"
  done
}

check_system_accounts() {
  check_listed "$1" 'is a system account with a shell' list_accounts is_open_system_account
}

is_open_system_account() {
  case $1 in root | sync | shutdown | halt) return 1 ;; esac
  [ "$2" -lt "$FIRST_LOGIN_UID" ] && ! is_no_shell "$4"
}

# FS-006
harden_homes() {
  local home
  must_see list_accounts_homes
  for home in $SEEN; do
    chmod g-w,o-rwx -- "$home"
    rm -f -- "$home/.rhosts" "$home/.shosts"
  done
  rm -f /etc/hosts.equiv /etc/shosts.equiv
}

check_homes() {
  local home homes trusting=(/etc/hosts.equiv /etc/shosts.equiv)
  see "$1" list_accounts_homes
  [ -n "$SEEN" ] || return 0
  mapfile -t homes <<<"$SEEN"
  for home in "${homes[@]}"; do trusting+=("$home/.rhosts" "$home/.shosts"); done
  check_absent "$1" "${trusting[@]}"
  check_listed "$1" 'can be entered by others' search find "${homes[@]}" -maxdepth 0 -perm /027 -print
}

# Homes of people and of root; a system account's may be where its application is read from.
list_accounts_homes() {
  printf '/root\n'
  list_accounts print_login_home
}

print_login_home() {
  if is_login_account "$@" && [ -d "$3" ]; then printf '%s\n' "$3"; fi
  return 1
}
