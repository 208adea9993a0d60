#!/usr/bin/env bash
# Run by buildimg-seal-late.service after everything else has stopped. Goes on after an error: nobody is left to tell.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../../lib/common.sh
. "$here/../../lib/common.sh"
# shellcheck source=erase.sh
. "$here/erase.sh"
# shellcheck source=identity.sh
. "$here/identity.sh"
# shellcheck source=residue.sh
. "$here/residue.sh"

erase_leases
erase_random_seeds
empty_folders /var/lib/amazon/ssm
set_machine_id "$(option MACHINE_ID empty)"
erase_logs
erase_temporary_files
sync
