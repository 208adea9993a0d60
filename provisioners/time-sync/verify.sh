#!/usr/bin/env bash
# NET-003. Reads only.
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
# shellcheck source=../lib/time-sync.sh
. "$here/../lib/time-sync.sh"

main() {
  check_time_daemon NET-003 "$(option_enum KEEP_OTHER_SOURCES true true false)"
  finish_checks time-sync
}

main
