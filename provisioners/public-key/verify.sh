#!/usr/bin/env bash
# CLD-001: a launch would let its key pair in. KEY-005: and would have host keys. CLD-007: and an address.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/common.sh
. "$here/../lib/common.sh"
# shellcheck source=../lib/checks.sh
. "$here/../lib/checks.sh"
# shellcheck source=../lib/distro.sh
. "$here/../lib/distro.sh"
# shellcheck source=../lib/runtime.sh
. "$here/../lib/runtime.sh"

# shellcheck source=unit.sh
. "$here/unit.sh"
# shellcheck source=network.sh
. "$here/network.sh"

main() {
  local user
  user=$(wanted_user)
  grep -q "^$user:" /etc/passwd || miss CLD-001 "there is no $user"
  [ "$(cat "$PUBLIC_KEY_USER_FILE" 2>/dev/null || true)" = "$user" ] || miss CLD-001 "$PUBLIC_KEY_USER_FILE does not name $user"
  [ "$(cat "$UNIT_FOLDER/$PUBLIC_KEY_UNIT" 2>/dev/null || true)" = "$(render_unit)" ] ||
    miss CLD-001 "$PUBLIC_KEY_UNIT is not there or was changed"
  is_unit_linked "$PUBLIC_KEY_UNIT" wants multi-user.target || miss CLD-001 "$PUBLIC_KEY_UNIT is not enabled"
  check_runtime_file CLD-001 "$RUNTIME_FOLDER/bin/public-key" 755
  check_runtime_file CLD-001 "$RUNTIME_FOLDER/bin/imds.sh" 755
  is_unit_linked buildimg-hostkeys.service wants multi-user.target || miss KEY-005 "nothing makes host keys at first boot"
  has_own_network || miss CLD-007 "nothing would ask for an address; $NETWORK_REMEDY"
  finish_checks public-key
}

main
