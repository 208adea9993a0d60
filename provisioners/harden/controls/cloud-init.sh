#!/usr/bin/env bash
# SSH-007. Needs common.sh; checks need checks.sh.

# User data can still ask for passwords, but sshd's own drop-in is read before what cloud-init would write.
harden_cloud_init() {
  [ -d /etc/cloud ] || return 0
  write_file /etc/cloud/cloud.cfg.d/99-buildimg.cfg 0644 root:root <<'CONFIG'
# Written by buildimg (harden): SSH-001, SSH-007.
ssh_pwauth: false
disable_root: true
CONFIG
}

check_cloud_init() {
  local value
  [ -d /etc/cloud ] || return 0
  # Files are merged in the order of their names and the last value counts.
  see "$1" search sed -nE 's/^ssh_pwauth:[[:space:]]*([^[:space:]#]+).*/\1/p' /etc/cloud/cloud.cfg \
    /etc/cloud/cloud.cfg.d/*.cfg
  value=${SEEN##*$'\n'}
  case ${value,,} in
    false | no | 0) ;;
    *) miss "$1" "cloud-init's ssh_pwauth is \"$value\"" ;;
  esac
}
