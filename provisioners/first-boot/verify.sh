#!/usr/bin/env bash
# FB-001: the unit is there, enabled, and stands before its services. FB-002: only root can change what it runs.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/common.sh
. "$here/../lib/common.sh"
# shellcheck source=../lib/checks.sh
. "$here/../lib/checks.sh"
# shellcheck source=../lib/runtime.sh
. "$here/../lib/runtime.sh"
# shellcheck source=unit.sh
. "$here/unit.sh"

main() {
  check_unit
  check_files
  if [ "$(option STRATEGY random-file)" = ssm-parameter ] && ! has_command aws; then
    miss FB-001 "strategy ssm-parameter needs the AWS CLI, which is not in the image"
  fi
  finish_checks first-boot
}

check_unit() {
  local service
  [ "$(cat "$UNIT_FOLDER/$FIRST_BOOT_UNIT" 2>/dev/null || true)" = "$(render_unit)" ] ||
    miss FB-001 "$FIRST_BOOT_UNIT is not the one that was asked for"
  [ "$(cat "$FIRST_BOOT_CONFIG" 2>/dev/null || true)" = "$(render_config)" ] ||
    miss FB-001 "$FIRST_BOOT_CONFIG is not the one that was asked for"
  is_unit_linked "$FIRST_BOOT_UNIT" wants multi-user.target || miss FB-001 "$FIRST_BOOT_UNIT is not enabled"
  for service in $(list_services); do
    is_unit_linked "$FIRST_BOOT_UNIT" requires "$service" || miss FB-001 "$service would start without $FIRST_BOOT_UNIT"
  done
}

check_files() {
  local hook
  check_runtime_file FB-002 "$RUNTIME_FOLDER/bin/first-boot" 755
  check_runtime_file FB-002 "$RUNTIME_FOLDER/bin/imds.sh" 755
  check_runtime_file FB-002 "$FIRST_BOOT_CONFIG" 644
  for hook in "$FIRST_BOOT_HOOKS"/*; do
    [ -f "$hook" ] || continue
    [ -x "$hook" ] || miss FB-002 "$hook is not executable, so the application would stay down"
    check_listed FB-002 'can be changed by somebody else than root' find "$hook" \( ! -user root -o -perm /022 \) -print
  done
}

main
