#!/usr/bin/env bash
# NET-003: chrony, with 169.254.169.123 first.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/common.sh
. "$here/../lib/common.sh"
# shellcheck source=../lib/distro.sh
. "$here/../lib/distro.sh"
# shellcheck source=../lib/packages.sh
. "$here/../lib/packages.sh"
# shellcheck source=../lib/time-sync.sh
. "$here/../lib/time-sync.sh"

CLOUD_INIT_LIMIT_SECONDS=600

main() {
  local keep
  require_root
  keep=$(option_enum KEEP_OTHER_SOURCES true true false)
  wait_for_cloud_init "$CLOUD_INIT_LIMIT_SECONDS"
  apply_time_sync "$keep"
  run_verify "$here"
}

main
