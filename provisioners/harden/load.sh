#!/usr/bin/env bash
# Everything that apply.sh and verify.sh have in common.

harden=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/common.sh
. "$harden/../lib/common.sh"
# shellcheck source=../lib/checks.sh
. "$harden/../lib/checks.sh"
# shellcheck source=../lib/distro.sh
. "$harden/../lib/distro.sh"
# shellcheck source=../lib/packages.sh
. "$harden/../lib/packages.sh"
# shellcheck source=../lib/runtime.sh
. "$harden/../lib/runtime.sh"
# shellcheck source=../lib/accounts.sh
. "$harden/../lib/accounts.sh"
# shellcheck source=../lib/unit-files.sh
. "$harden/../lib/unit-files.sh"
# shellcheck source=../lib/sshd-starts.sh
. "$harden/../lib/sshd-starts.sh"
# shellcheck source=../lib/sshd.sh
. "$harden/../lib/sshd.sh"
# shellcheck source=../lib/time-sync.sh
. "$harden/../lib/time-sync.sh"
# shellcheck source=table.sh
. "$harden/table.sh"
# shellcheck source=controls/sshd.sh
. "$harden/controls/sshd.sh"
# shellcheck source=controls/sshd-crypto.sh
. "$harden/controls/sshd-crypto.sh"
# shellcheck source=controls/cloud-init.sh
. "$harden/controls/cloud-init.sh"
# shellcheck source=controls/accounts.sh
. "$harden/controls/accounts.sh"
# shellcheck source=controls/sudo.sh
. "$harden/controls/sudo.sh"
# shellcheck source=controls/kernel.sh
. "$harden/controls/kernel.sh"
# shellcheck source=controls/files.sh
. "$harden/controls/files.sh"
# shellcheck source=controls/modules.sh
. "$harden/controls/modules.sh"
# shellcheck source=controls/mounts.sh
. "$harden/controls/mounts.sh"
# shellcheck source=controls/services.sh
. "$harden/controls/services.sh"
# shellcheck source=controls/updates.sh
. "$harden/controls/updates.sh"
# shellcheck source=controls/logging.sh
. "$harden/controls/logging.sh"
# shellcheck source=controls/banners.sh
. "$harden/controls/banners.sh"
# shellcheck source=controls/time.sh
. "$harden/controls/time.sh"
