#!/usr/bin/env bash
# USR-001: accounts are as asked for. USR-002: removed ones have left nothing. ACC-002: nobody has a password.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/common.sh
. "$here/../lib/common.sh"
# shellcheck source=../lib/checks.sh
. "$here/../lib/checks.sh"
# shellcheck source=../lib/accounts.sh
. "$here/../lib/accounts.sh"

# shellcheck source=options.sh
. "$here/options.sh"

main() {
  local name
  require_root
  for name in $(option CREATE ''); do check_account "$name"; done
  for name in $(option REMOVE ''); do
    see USR-002 account_field "$name" 3
    [ -z "$SEEN" ] || miss USR-002 "$name is still there"
    check_absent USR-002 "$(sudo_file "$name")"
  done
  finish_checks users
}

check_account() {
  local name=$1 group
  see USR-001 account_field "$name" 3
  if [ -z "$SEEN" ]; then
    miss USR-001 "there is no $name"
    return 0
  fi
  [ "$(account_field "$name" 6)" = "$(wanted_home "$name")" ] || miss USR-001 "the home of $name is not $(wanted_home "$name")"
  [ "$(account_field "$name" 7)" = "$(wanted_shell)" ] || miss USR-001 "the shell of $name is not $(wanted_shell)"
  see ACC-002 list_accounts_with_password
  case $'\n'"$SEEN"$'\n' in *$'\n'"$name"$'\n'*) miss ACC-002 "$name has a password, or an empty one" ;; esac
  for group in $(option GROUPS ''); do
    case ,$(awk -F: -v group="$group" '$1 == group { print $4 }' /etc/group), in
      *",$name,"*) ;;
      *) miss USR-001 "$name is not in $group" ;;
    esac
  done
  if [ "$(option SUDO none)" = all ]; then
    [ -f "$(sudo_file "$name")" ] || miss USR-001 "$name cannot use sudo"
  else
    check_absent USR-001 "$(sudo_file "$name")"
  fi
}

main
