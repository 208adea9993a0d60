#!/usr/bin/env bash
# Makes the platform on the build instance, as root. Packer has uploaded this folder; every setup script is a step, run
# in the order of their names. The last one seals the image, and removes this folder with everything else in /tmp.
set -euo pipefail

BUILDER_DIR=${BUILDER_DIR:-/tmp/builder}
export BUILDER_DIR
CLOUD_INIT_LIMIT_SECONDS=600

# shellcheck source=/dev/null
. "$BUILDER_DIR/CONFIG"
# shellcheck source=/dev/null
. "$BUILDER_DIR/provisioners/lib/common.sh"

main() {
  local scripts script count=0
  require_root
  wait_for_cloud_init "$CLOUD_INIT_LIMIT_SECONDS"
  scripts=("$BUILDER_DIR"/setup-scripts/*.sh)
  for script in "${scripts[@]}"; do
    count=$((count + 1))
    log "$PLATFORM_NAME: step $count of ${#scripts[@]}: $(basename "$script" .sh)"
    run_setup_script "$script"
  done
  # Everything is read by now; bash must not look for more of a script that no longer exists.
  exit 0
}

run_setup_script() {
  local status=0
  bash "$1" || status=$?
  [ "$status" -eq 0 ] || die "setup script $(basename "$1") failed with status $status"
}

main
