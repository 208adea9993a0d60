#!/usr/bin/env bash
# CLD-001: for images without cloud-init, which does the same and more.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/common.sh
. "$here/../lib/common.sh"
# shellcheck source=../lib/look.sh
. "$here/../lib/look.sh"
# shellcheck source=../lib/distro.sh
. "$here/../lib/distro.sh"
# shellcheck source=../lib/runtime.sh
. "$here/../lib/runtime.sh"
# shellcheck source=../lib/unit-files.sh
. "$here/../lib/unit-files.sh"
# shellcheck source=../lib/sshd-starts.sh
. "$here/../lib/sshd-starts.sh"
# shellcheck source=../lib/sshd.sh
. "$here/../lib/sshd.sh"
# shellcheck source=../lib/host-key-unit.sh
. "$here/../lib/host-key-unit.sh"

# shellcheck source=unit.sh
. "$here/unit.sh"
# shellcheck source=network.sh
. "$here/network.sh"

main() {
  local user
  require_root
  option_enum SUDO true true false >/dev/null
  if has_command cloud-init; then
    die "cloud-init is installed and lets the launch's key in by itself; remove the package, or leave public-key out"
  fi
  has_own_network || die "only cloud-init would have set up the network; $NETWORK_REMEDY"
  has_sshd || die "there is no sshd in this image"
  user=$(wanted_user)
  ensure_user "$user"
  ensure_sudo "$user"
  install_runtime_script "$here/../lib/imds.sh" imds.sh
  install_runtime_script "$here/files/public-key.sh" public-key
  printf '%s\n' "$user" | write_file "$PUBLIC_KEY_USER_FILE" 0644 root:root
  render_unit | write_file "$UNIT_FOLDER/$PUBLIC_KEY_UNIT" 0644 root:root
  enable_unit "$PUBLIC_KEY_UNIT"
  # KEY-005: cloud-init would have made the host keys as well.
  install_host_key_unit
  run_verify "$here"
}

# `*` matches no password, and lets keys in where PAM is off, which `!` does not.
ensure_user() {
  if grep -q "^$1:" /etc/passwd; then return 0; fi
  useradd --user-group -m -s /bin/bash -p '*' -- "$1"
  log "made $1"
}

ensure_sudo() {
  if [ "$(option SUDO true)" = true ]; then
    [ -d /etc/sudoers.d ] || die "sudo is not installed in this image"
    printf '%s ALL=(ALL) NOPASSWD:ALL\n' "$1" | write_file "$PUBLIC_KEY_SUDO_FILE" 0440 root:root
  else
    rm -f "$PUBLIC_KEY_SUDO_FILE"
  fi
}

main
