#!/usr/bin/env bash
# OS-002: no update is pending. Uses the package lists that apply.sh fetched.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/common.sh
. "$here/../lib/common.sh"
# shellcheck source=../lib/checks.sh
. "$here/../lib/checks.sh"
# shellcheck source=../lib/distro.sh
. "$here/../lib/distro.sh"
# shellcheck source=../lib/packages.sh
. "$here/../lib/packages.sh"
# shellcheck source=../lib/updates.sh
. "$here/../lib/updates.sh"

main() {
  local level
  level=$(option_enum LEVEL all all security)
  check_listed OS-002 'has an update that is not installed' list_pending_updates "$level"
  finish_checks update
}

main
