#!/usr/bin/env bash
# PYA-001: the environment is complete, on an interpreter with a version in its name. PYA-002: its programs are linked.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/common.sh
. "$here/../lib/common.sh"
# shellcheck source=../lib/checks.sh
. "$here/../lib/checks.sh"

# shellcheck source=environment.sh
. "$here/environment.sh"

main() {
  check_environment
  check_commands
  finish_checks python-app
}

check_environment() {
  if ! "$VENV/bin/python" -I -c '' 2>/dev/null; then
    miss PYA-001 "$VENV has no Python that runs"
    return 0
  fi
  [ "$(cat "$STAMP" 2>/dev/null || true)" = "$(describe_wanted)" ] || miss PYA-001 "$VENV is not what was asked for"
  "$VENV/bin/python" -I -m pip --disable-pip-version-check check >/dev/null || miss PYA-001 "$VENV lacks packages that others need"
  case $(readlink -f "$VENV/bin/python") in
    */python3.[0-9]*) ;;
    *) miss PYA-001 "$VENV is on an interpreter that means another one after an upgrade" ;;
  esac
}

check_commands() {
  local command
  [ -x "$VENV/bin/python" ] || return 0
  see PYA-002 list_commands
  [ -n "$SEEN" ] || miss PYA-002 "the packages of $VENV bring no programs"
  for command in $SEEN; do
    if [ "$(readlink -- "$LINK_FOLDER/$command" || true)" != "$VENV/bin/$command" ] || [ ! -x "$LINK_FOLDER/$command" ]; then
      miss PYA-002 "$LINK_FOLDER/$command is not the environment's"
    fi
  done
}

main
