#!/usr/bin/env bash
# Installs what makes the credentials at boot. Nothing is made now: what the build instance has is not what a launch gets.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/common.sh
. "$here/../lib/common.sh"
# shellcheck source=../lib/runtime.sh
. "$here/../lib/runtime.sh"
# shellcheck source=unit.sh
. "$here/unit.sh"

main() {
  local strategy
  require_root
  strategy=$(option_enum STRATEGY random-file random-file ssm-parameter instance-id none)
  option_enum ROTATE instance instance if-initial lineage >/dev/null
  assert_services
  warn_about "$strategy"

  install_runtime_script "$here/../lib/imds.sh" imds.sh
  install_runtime_script "$here/files/first-boot.sh" first-boot
  mkdir -p "$FIRST_BOOT_HOOKS"
  render_config | write_file "$FIRST_BOOT_CONFIG" 0644 root:root
  render_unit | write_file "$UNIT_FOLDER/$FIRST_BOOT_UNIT" 0644 root:root
  enable_unit "$FIRST_BOOT_UNIT"
  run_verify "$here"
}

# A misspelt service would start unprotected, and nobody would notice.
assert_services() {
  local service
  for service in $(list_services); do
    has_unit "$service" || die "services: $service is not installed in this image; install it before first-boot"
  done
}

warn_about() {
  case $1 in
    ssm-parameter)
      has_command aws || die "strategy ssm-parameter needs the AWS CLI in the image; install it before first-boot"
      ;;
    instance-id)
      warn "strategy instance-id is legacy: the instance id is no secret (DescribeInstances, CloudTrail, support cases)"
      ;;
  esac
  if [ "$1" != none ] && ! is_non_empty_folder "$FIRST_BOOT_HOOKS"; then
    warn "no hook lies in $FIRST_BOOT_HOOKS yet: the password would be made, but nothing would take it"
  fi
}

main
