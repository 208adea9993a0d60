#!/usr/bin/env bash
# Host keys at first boot. Needs common.sh, distro.sh and runtime.sh.

# KEY-005: Debian does not make host keys by itself, and cloud-init may be missing or switched off. Ordered after
# cloud-init, which deletes keys before it makes its own, and before ssh.service rather than ssh.socket, which would be
# a cycle.
install_host_key_unit() {
  local keygen condition='!/etc/ssh/ssh_host_ed25519_key' service=ssh.service after=''
  keygen=$(command -v ssh-keygen) || die "there is no ssh-keygen in this image, so nothing could make host keys at first boot"
  if [ "$(distro_family)" != debian ]; then
    # These have sshd-keygen of their own, and make no ed25519 key in FIPS mode: only for when none came at all.
    condition='!/etc/ssh/ssh_host_rsa_key'
    service=sshd.service
    after=' sshd-keygen.target'
  fi
  write_file /etc/systemd/system/buildimg-hostkeys.service 0644 root:root <<UNIT
[Unit]
Description=Generate missing SSH host keys
After=cloud-init.service cloud-init-network.service$after
Before=ssh.service sshd.service
ConditionPathExists=$condition

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=$keygen -A

[Install]
WantedBy=multi-user.target $service
UNIT
  enable_unit buildimg-hostkeys.service
}
