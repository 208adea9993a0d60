#!/usr/bin/env bash
# The last thing that happens before the image is captured. The order matters: whatever writes is stopped before what it
# wrote is removed, and host keys and authorized keys go at the very end, since from then on only the connection that is
# already open can reach the instance. A reboot after this undoes it.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/common.sh
. "$here/../lib/common.sh"
# shellcheck source=../lib/look.sh
. "$here/../lib/look.sh"
# shellcheck source=../lib/distro.sh
. "$here/../lib/distro.sh"
# shellcheck source=../lib/accounts.sh
. "$here/../lib/accounts.sh"
# shellcheck source=../lib/runtime.sh
. "$here/../lib/runtime.sh"
# shellcheck source=../lib/host-key-unit.sh
. "$here/../lib/host-key-unit.sh"
# shellcheck source=../lib/unit-files.sh
. "$here/../lib/unit-files.sh"
# shellcheck source=../lib/sshd-starts.sh
. "$here/../lib/sshd-starts.sh"
# shellcheck source=../lib/sshd.sh
. "$here/../lib/sshd.sh"
# shellcheck source=../lib/login-keys.sh
. "$here/../lib/login-keys.sh"
# shellcheck source=../lib/initrd.sh
. "$here/../lib/initrd.sh"
# shellcheck source=steps/erase.sh
. "$here/steps/erase.sh"
# shellcheck source=steps/units.sh
. "$here/steps/units.sh"
# shellcheck source=steps/writers.sh
. "$here/steps/writers.sh"
# shellcheck source=steps/accounts.sh
. "$here/steps/accounts.sh"
# shellcheck source=steps/identity.sh
. "$here/steps/identity.sh"
# shellcheck source=steps/cloud-init.sh
. "$here/steps/cloud-init.sh"
# shellcheck source=steps/residue.sh
. "$here/steps/residue.sh"

# A tmpfs: what lies here is not in the image, so the script can remove the folder that it was uploaded to.
WORK_FOLDER=/run/buildimg-seal
CLOUD_INIT_LIMIT_SECONDS=600

main() {
  local machine_id zero_fill package_proxy
  require_root
  distro_family >/dev/null
  machine_id=$(option_enum MACHINE_ID empty empty uninitialized)
  zero_fill=$(option_enum ZERO_FILL false true false)
  package_proxy=$(option_enum PACKAGE_PROXY keep keep remove)
  move_to_work_folder
  ignore_hang_up
  unset HISTFILE
  wait_for_cloud_init "$CLOUD_INIT_LIMIT_SECONDS"

  install_first_boot_units
  stop_writers
  prepare_shutdown_cleaning "$machine_id"

  lock_accounts
  erase_account_backups
  erase_homes
  erase_mail_and_crashes
  erase_package_caches
  if [ "$package_proxy" = remove ]; then erase_package_proxies; fi
  erase_swap

  erase_network_identity
  erase_agent_state
  erase_registrations
  erase_first_boot_state
  erase_other_identities
  clean_cloud_init
  set_machine_id "$machine_id"

  erase_logs
  erase_temporary_files
  erase_host_keys
  erase_authorized_keys
  erase_initrd_keys
  restore_contexts

  BUILDIMG_MACHINE_ID=$machine_id bash "$here/verify.sh" || die "the image is not clean; see the controls above"
  if [ "$zero_fill" = true ]; then fill_free_space; fi
  sync
  log "sealed"
  # Everything is read by now; bash must not look for more of a script that no longer exists.
  exit 0
}

# The upload in /tmp is erased below, so the rest runs from a copy.
move_to_work_folder() {
  [ "$here" != "$WORK_FOLDER/seal" ] || return 0
  rm -rf "$WORK_FOLDER"
  mkdir -p "$WORK_FOLDER"
  chmod 0700 "$WORK_FOLDER"
  cp -R "$here/../lib" "$here/../seal" "$WORK_FOLDER/"
  cd /
  exec bash "$WORK_FOLDER/seal/apply.sh"
}

# SELinux would keep sshd and journald from files with the label of the folder in which they were made.
restore_contexts() {
  local path paths=()
  for path in /etc/ssh /etc/machine-id /etc/hostname /etc/hosts /etc/shadow /etc/systemd/system /var/log /var/lib/cloud \
    /var/lib/dbus; do
    if [ -e "$path" ]; then paths+=("$path"); fi
  done
  restore_context "${paths[@]}"
}

main
