#!/usr/bin/env bash
# PKG-001: what was to be installed is. PKG-002: what was to be removed is gone, its kept configuration too.
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

main() {
  local name
  while IFS= read -r name; do
    if [ -n "$name" ] && ! is_package_installed "$name"; then miss PKG-001 "$name is not installed"; fi
  done <<<"$(option INSTALL '')"
  while IFS= read -r name; do
    if [ -n "$name" ] && ! is_package_absent "$name"; then miss PKG-002 "$name is still there"; fi
  done <<<"$(option REMOVE '')"
  finish_checks packages
}

main
