#!/usr/bin/env bash
# What makes this instance a machine of its own. Needs common.sh, distro.sh and erase.sh.

erase_network_identity() {
  erase_leases
  erase_interface_settings
  erase_hostname
}

# SEAL-009
erase_leases() {
  empty_folders /var/lib/dhcp /var/lib/dhclient /var/lib/dhcpcd /var/lib/systemd/network
  rm -f /var/lib/NetworkManager/*.lease /var/lib/NetworkManager/internal-* /var/lib/NetworkManager/secret_key \
    /var/lib/NetworkManager/seen-bssids /var/lib/NetworkManager/timestamps
}

# SEAL-010: a network card's address that does not exist on the launched instance means no network there. cloud-init
# writes these files again for the new instance, unless it was told to keep away from the network.
erase_interface_settings() {
  rm -f /etc/udev/rules.d/70-persistent-net.rules /etc/udev/rules.d/70-persistent-cd.rules
  local file
  for file in /etc/sysconfig/network-scripts/ifcfg-*; do
    if [ -f "$file" ]; then sed -i -E '/^(HWADDR|UUID)=/d' "$file"; fi
  done
  has_command cloud-init || return 0
  if grep -qsE '^[[:space:]]*network:[[:space:]]*\{?[[:space:]]*config:[[:space:]]*disabled' /etc/cloud/cloud.cfg \
    /etc/cloud/cloud.cfg.d/*.cfg; then
    return 0
  fi
  rm -f /etc/netplan/50-cloud-init.yaml /etc/network/interfaces.d/50-cloud-init /etc/systemd/network/10-cloud-init-* \
    /etc/NetworkManager/system-connections/cloud-init-*.nmconnection
}

# SEAL-008: unless the image asks cloud-init to keep its name.
erase_hostname() {
  local name=''
  if grep -qsiE '^preserve_hostname:[[:space:]]*(true|yes)' /etc/cloud/cloud.cfg /etc/cloud/cloud.cfg.d/*.cfg; then
    return 0
  fi
  if [ -s /etc/hostname ]; then
    read -r name </etc/hostname || true
    : >/etc/hostname
  fi
  # Written in place: in containers and on some images the file is a mount.
  if [ -n "$name" ] && [ -f /etc/hosts ]; then
    awk -v name="$name" '{ keep = 1
      if ($1 !~ /^(127\.0\.0\.1|::1)$/) for (i = 2; i <= NF; i++) if ($i == name || index($i, name ".") == 1) keep = 0
      if ($0 !~ /^#/ && $0 ~ /(ip-[0-9]+-[0-9]+-[0-9]+-[0-9]+|\.compute\.internal|\.ec2\.internal)/) keep = 0
      if (keep) print }' /etc/hosts >/run/buildimg-hosts
    cat /run/buildimg-hosts >/etc/hosts
    rm -f /run/buildimg-hosts
  fi
}

# KEY-006: empty, not missing. A missing file counts as a first boot, which turns units on again that were turned off.
# KEY-007: D-Bus's own copy would be taken over by systemd as soon as /etc/machine-id is empty.
set_machine_id() {
  if [ "$1" = uninitialized ]; then
    printf 'uninitialized\n' >/etc/machine-id
  else
    : >/etc/machine-id
  fi
  if [ -d /var/lib/dbus ] && [ ! -L /var/lib/dbus/machine-id ]; then
    rm -f /var/lib/dbus/machine-id
    ln -s /etc/machine-id /var/lib/dbus/machine-id
  fi
  erase_random_seeds
}

# KEY-009: clones would start from the same randomness.
erase_random_seeds() {
  rm -f /var/lib/systemd/random-seed /var/lib/urandom/random-seed /var/lib/random-seed /boot/efi/loader/random-seed \
    /boot/loader/random-seed /efi/loader/random-seed
}

# SEAL-013, SEAL-014. /etc/amazon/ssm stays: it is the agent's configuration.
erase_agent_state() {
  if ! is_run_by ssm-; then empty_folders /var/lib/amazon/ssm; fi
  empty_folders /var/lib/ecs/data /opt/aws/amazon-cloudwatch-agent/logs/state /opt/codedeploy-agent/deployment-root
  rm -f /etc/codedeploy-agent/conf/codedeploy.onpremises.yml
}

# KEY-008, KEY-010
erase_other_identities() {
  erase_snakeoil
  # Debian and Ubuntu make a new name only when told so; elsewhere a missing file is enough.
  if [ -f /etc/iscsi/initiatorname.iscsi ]; then
    if [ "$(distro_family)" = debian ]; then
      printf 'GenerateName=yes\n' >/etc/iscsi/initiatorname.iscsi
    else
      rm -f /etc/iscsi/initiatorname.iscsi
    fi
  fi
  rm -f /etc/nvme/hostnqn /etc/nvme/hostid /var/lib/yum/uuid
  shred_files /etc/chef/client.pem /etc/salt/pki/minion/minion.pem /etc/salt/pki/minion/minion.pub \
    /var/lib/tailscale/tailscaled.state /var/lib/zerotier-one/identity.secret /var/lib/zerotier-one/identity.public
  empty_folders /etc/puppetlabs/puppet/ssl
}

# Only where the unit that makes it again was installed. /etc/ssl/certs has links to it named after its hash.
erase_snakeoil() {
  [ -f /etc/systemd/system/buildimg-snakeoil.service ] || return 0
  shred_files /etc/ssl/private/ssl-cert-snakeoil.key
  find /etc/ssl/certs -maxdepth 1 -type l -lname '*ssl-cert-snakeoil.pem' -delete
  rm -f /etc/ssl/certs/ssl-cert-snakeoil.pem
}
