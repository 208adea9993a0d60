#!/usr/bin/env bash
# What apply.sh writes and verify.sh expects. Needs common.sh and distro.sh.
# shellcheck disable=SC2034

PUBLIC_KEY_UNIT=buildimg-public-key.service
PUBLIC_KEY_USER_FILE=/etc/buildimg/public-key.user
PUBLIC_KEY_SUDO_FILE=/etc/sudoers.d/50-buildimg-public-key

wanted_user() {
  local id
  id=$(distro_id)
  case $id in
    debian) option USER admin ;;
    ubuntu) option USER ubuntu ;;
    *) option USER ec2-user ;;
  esac
}

# Before, and not required by, sshd: without the metadata service the keys that are there still let their owners in.
render_unit() {
  cat <<'UNIT'
[Unit]
Description=Public keys of this launch
Wants=network-online.target
After=network-online.target
Before=ssh.service sshd.service

[Service]
Type=oneshot
RemainAfterExit=yes
UMask=0077
TimeoutStartSec=3min
ExecStart=/usr/lib/buildimg/bin/public-key

[Install]
WantedBy=multi-user.target
UNIT
}
