#!/usr/bin/env bash
# OS-002: every update that the distribution offers is installed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/common.sh
. "$here/../lib/common.sh"
# shellcheck source=../lib/distro.sh
. "$here/../lib/distro.sh"
# shellcheck source=../lib/packages.sh
. "$here/../lib/packages.sh"
# shellcheck source=../lib/updates.sh
. "$here/../lib/updates.sh"

CLOUD_INIT_LIMIT_SECONDS=600

main() {
  local level
  require_root
  level=$(option_enum LEVEL all all security)
  wait_for_cloud_init "$CLOUD_INIT_LIMIT_SECONDS"
  install_updates "$level"
  run_verify "$here"
}

main
