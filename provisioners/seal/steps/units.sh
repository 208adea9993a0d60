#!/usr/bin/env bash
# What must come back on first boot. Plain units, not cloud-init scripts: those are wiped by `cloud-init clean` and run
# after the application has started. Needs common.sh and distro.sh.

install_first_boot_units() {
  if has_sshd; then install_host_key_unit; fi
  if [ -x /usr/sbin/make-ssl-cert ] && [ -e /etc/ssl/private/ssl-cert-snakeoil.key ]; then install_snakeoil_unit; fi
}

# KEY-005: Debian does not make host keys by itself, and cloud-init may be missing or switched off. Ordered after
# cloud-init, which deletes keys before it makes its own, and before ssh.service rather than ssh.socket, which would be
# a cycle.
install_host_key_unit() {
  local condition='!/etc/ssh/ssh_host_ed25519_key' service=ssh.service after=''
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
ExecStart=$(command -v ssh-keygen) -A

[Install]
WantedBy=multi-user.target $service
UNIT
  enable_unit buildimg-hostkeys.service
}

# KEY-008: made by the package's installation, so every launch would share one private key. Before sysinit.target, so
# that every service which uses it finds it.
install_snakeoil_unit() {
  write_file /etc/systemd/system/buildimg-snakeoil.service 0644 root:root <<'UNIT'
[Unit]
Description=Generate the missing snakeoil certificate
DefaultDependencies=no
After=local-fs.target systemd-tmpfiles-setup.service cloud-init.service cloud-init-network.service
Before=sysinit.target shutdown.target
Conflicts=shutdown.target
ConditionPathExists=!/etc/ssl/private/ssl-cert-snakeoil.key

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/make-ssl-cert generate-default-snakeoil

[Install]
WantedBy=sysinit.target
UNIT
  enable_unit buildimg-snakeoil.service
}

enable_unit() {
  systemctl --quiet enable "$1"
}
