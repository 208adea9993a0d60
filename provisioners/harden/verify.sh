#!/usr/bin/env bash
# Whether the controls of the profile hold, by what sshd itself would do and by the files as the boot reads them. Reads
# only.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=load.sh
. "$here/load.sh"

main() {
  require_root
  load_controls "$here/controls.txt"
  check_controls
  finish_checks harden
}

main
