#!/usr/bin/env bash
# What must come back on first boot. Plain units, not cloud-init scripts: those are wiped by `cloud-init clean` and run
# after the application has started. Needs common.sh, distro.sh, runtime.sh and
# host-key-unit.sh.

install_first_boot_units() {
  if has_sshd; then install_host_key_unit; fi
  if [ -x /usr/sbin/make-ssl-cert ] && [ -e /etc/ssl/private/ssl-cert-snakeoil.key ]; then install_snakeoil_unit; fi
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
