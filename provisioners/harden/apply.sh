#!/usr/bin/env bash
# Applies the controls of the profile: controls.txt says which, controls/ how. What is left alone, and why: README.md.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=load.sh
. "$here/load.sh"

main() {
  require_root
  option_enum USE_DNS false true false >/dev/null
  option_enum ALLOW_TCP_FORWARDING true true false >/dev/null
  option_enum TMP_NOEXEC false true false >/dev/null
  option_enum AUTOMATIC_UPDATES keep keep security >/dev/null
  load_controls "$here/controls.txt"
  apply_controls
  # These gather what several controls have to say in one file.
  write_sshd_config
  write_sysctl_settings
  write_sudo_defaults
  run_verify "$here"
}

main
