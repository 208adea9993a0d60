#!/usr/bin/env bash
# Needs common.sh and erase.sh.

# SEAL-005, SEAL-006. `cloud-init clean` removes everything below /var/lib/cloud but the seed, the user's per-boot
# scripts included (canonical/cloud-init#3227), so they are put aside. Its --machine-id deletes the file or writes
# `uninitialized`, depending on the version, so that is done by set_machine_id.
clean_cloud_init() {
  local aside=$WORK_FOLDER/cloud-scripts folder
  rm -rf "$aside"
  mkdir -p "$aside"
  for folder in per-once per-instance per-boot; do
    if is_non_empty_folder "/var/lib/cloud/scripts/$folder"; then cp -a "/var/lib/cloud/scripts/$folder" "$aside/"; fi
  done
  # Its own command starts a Python to remove what is removed here, so it is only asked where it has hooks to run.
  if has_command cloud-init && is_non_empty_folder /etc/cloud/clean.d; then cloud-init clean --logs; fi
  rm -rf /var/lib/cloud/{instance,instances,data,sem,handlers,scripts}
  if is_non_empty_folder "$aside"; then
    mkdir -p /var/lib/cloud/scripts
    cp -a "$aside/." /var/lib/cloud/scripts/
  fi
  # Made for this instance's user data; read before other drop-ins, it would decide about passwords.
  rm -f /etc/ssh/sshd_config.d/50-cloud-init.conf
  erase_installer_overrides
}

# SEAL-007: left by installers, these keep cloud-init from EC2's metadata, and with it from the launch's key.
erase_installer_overrides() {
  rm -f /etc/cloud/cloud-init.disabled /etc/cloud/ds-identify.cfg /etc/cloud/cloud.cfg.d/99-installer.cfg \
    /etc/cloud/cloud.cfg.d/90-installer-network.cfg /etc/cloud/cloud.cfg.d/subiquity-*.cfg \
    /etc/cloud/cloud.cfg.d/curtin-*.cfg
}
