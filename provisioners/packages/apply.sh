#!/usr/bin/env bash
# Installs and removes packages by name, with the distribution's own package manager.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/common.sh
. "$here/../lib/common.sh"
# shellcheck source=../lib/distro.sh
. "$here/../lib/distro.sh"
# shellcheck source=../lib/packages.sh
. "$here/../lib/packages.sh"

CLOUD_INIT_LIMIT_SECONDS=600

main() {
  local name wanted=() unwanted=()
  require_root
  wait_for_cloud_init "$CLOUD_INIT_LIMIT_SECONDS"
  while IFS= read -r name; do
    if [ -n "$name" ] && ! is_package_installed "$name"; then wanted+=("$name"); fi
  done <<<"$(option INSTALL '')"
  while IFS= read -r name; do
    if [ -n "$name" ] && ! is_package_absent "$name"; then unwanted+=("$name"); fi
  done <<<"$(option REMOVE '')"

  # Removed first, so that a package can replace one that it conflicts with.
  if [ "${#unwanted[@]}" -gt 0 ]; then
    remove_packages "${unwanted[@]}"
  fi
  if [ "${#wanted[@]}" -gt 0 ]; then
    refresh_package_lists
    install_packages "${wanted[@]}"
  fi
  run_verify "$here"
}

main
