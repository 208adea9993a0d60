#!/usr/bin/env bash
# Accounts of the image. Locked passwords only: keys come with the launch, or from your own directory.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/common.sh
. "$here/../lib/common.sh"
# shellcheck source=../lib/look.sh
. "$here/../lib/look.sh"
# shellcheck source=../lib/accounts.sh
. "$here/../lib/accounts.sh"

# shellcheck source=options.sh
. "$here/options.sh"

main() {
  local name names=()
  require_root
  option_enum SYSTEM true true false >/dev/null
  option_enum SUDO none none all >/dev/null
  for name in $(option CREATE ''); do names+=("$name"); done
  if [ "${#names[@]}" -gt 1 ] && [ -n "$(option HOME '')" ]; then
    die "home: two accounts cannot share one; make them by two steps"
  fi
  for name in $(option REMOVE ''); do remove_account "$name"; done
  for name in $(option GROUPS ''); do
    has_group "$name" || groupadd --system -- "$name"
  done
  for name in ${names[@]+"${names[@]}"}; do
    ensure_account "$name"
    set_groups "$name"
    set_sudo "$name"
  done
  run_verify "$here"
}

remove_account() {
  [ -n "$(account_field "$1" 3)" ] || return 0
  [ "$(account_field "$1" 3)" != 0 ] || die "remove: $1 is root"
  # Status 12: the home cannot be removed, which verify.sh names.
  userdel -r -- "$1" 2>/dev/null || warn "userdel of $1 ended with status $?"
  rm -f "$(sudo_file "$1")"
  log "removed $1"
}

ensure_account() {
  local name=$1 home shell
  home=$(wanted_home "$name")
  shell=$(wanted_shell)
  [ -x "$shell" ] || die "shell: there is no $shell in this image"
  if [ -z "$(account_field "$name" 3)" ]; then
    if is_system; then
      useradd --system --user-group -M -d "$home" -s "$shell" -- "$name"
    else
      useradd --user-group -m -d "$home" -s "$shell" -- "$name"
    fi
    log "made $name"
  elif [ "$(account_field "$name" 6):$(account_field "$name" 7)" != "$home:$shell" ]; then
    usermod -d "$home" -s "$shell" -- "$name"
  fi
  # `*` matches no password either, and lets keys in where PAM is off, which `!` does not.
  if list_accounts_with_password | grep -xF -- "$name" >/dev/null; then usermod -p '*' -- "$name"; fi
  if [ "$home" != /nonexistent ] && [ ! -d "$home" ]; then
    install -d -m 0750 -o "$name" -g "$name" -- "$home"
  fi
}

set_groups() {
  local groups
  groups=$(option GROUPS '')
  if [ -n "$groups" ]; then usermod -a -G "${groups//$'\n'/,}" -- "$1"; fi
}

set_sudo() {
  if [ "$(option SUDO none)" = all ]; then
    [ -d /etc/sudoers.d ] || die "sudo: sudo is not installed in this image"
    printf '%s ALL=(ALL) NOPASSWD:ALL\n' "$1" | write_file "$(sudo_file "$1")" 0440 root:root
  else
    rm -f "$(sudo_file "$1")"
  fi
}

main
