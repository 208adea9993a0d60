#!/usr/bin/env bash
# What makes this instance a machine of its own. Needs common.sh, distro.sh and erase.sh.

REGISTRATION_LIMIT_SECONDS=60

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
  for file in /etc/NetworkManager/system-connections/*.nmconnection; do
    if [ -f "$file" ]; then sed -i -E '/^mac-address=/d' "$file"; fi
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
  if ! is_run_by ssm-; then empty_folders /var/lib/amazon/ssm /var/snap/amazon-ssm-agent/[0-9]*; fi
  empty_folders /var/lib/ecs/data /opt/aws/amazon-cloudwatch-agent/logs/state /opt/codedeploy-agent/deployment-root \
    /var/lib/kubelet/pki /var/lib/kubelet/pods
  rm -f /etc/codedeploy-agent/conf/codedeploy.onpremises.yml /etc/kubernetes/kubelet.conf \
    /etc/kubernetes/bootstrap-kubelet.conf /etc/kubernetes/admin.conf /var/lib/kubelet/*_manager_state
}

# SEAL-015: clones would share one subscription, and the publisher would pay for it. Given back where the server can be
# reached. RHEL's pay-as-you-go certificates in /etc/pki/rhui stay.
erase_registrations() {
  if [ -f /etc/pki/consumer/cert.pem ] && has_command subscription-manager; then
    timeout "$REGISTRATION_LIMIT_SECONDS" subscription-manager unregister >/dev/null 2>&1 ||
      warn "the Red Hat subscription could not be given back; it is only removed here"
  fi
  if [ -f /var/lib/ubuntu-advantage/private/machine-token.json ] && has_command pro; then
    timeout "$REGISTRATION_LIMIT_SECONDS" pro detach --assume-yes >/dev/null 2>&1 ||
      warn "Ubuntu Pro could not be detached; its token is only removed here"
  fi
  shred_files /etc/pki/consumer/*.pem /etc/pki/entitlement/*.pem /etc/sysconfig/rhn/systemid \
    /var/lib/ubuntu-advantage/private/*.json /etc/zypp/credentials.d/SCCcredentials
}

# FB-001: if the instance was restarted during the build, it has credentials of its own by now.
erase_first_boot_state() {
  local file=''
  if [ -f /etc/buildimg/first-boot.conf ]; then
    file=$(sed -n 's/^credentials_file=//p' /etc/buildimg/first-boot.conf)
  fi
  shred_files /root/initial-credentials ${file:+"$file"}
  empty_folders /var/lib/buildimg
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
  rm -rf /etc/nvme/hostnqn /etc/nvme/hostid /var/lib/yum/uuid /etc/smolt /var/lib/teleport/host_uuid /var/lib/teleport/proc
  # ZFS imports its pools by it.
  [ -d /etc/zfs ] || rm -f /etc/hostid
  # systemd makes it when it is asked to encrypt something; what was encrypted already would be lost.
  if ! is_non_empty_folder /etc/credstore.encrypted; then shred_files /var/lib/systemd/credential.secret; fi
  shred_files /etc/chef/client.pem /etc/salt/pki/minion/minion.pem /etc/salt/pki/minion/minion.pub \
    /var/lib/tailscale/tailscaled.state /var/lib/zerotier-one/identity.secret /var/lib/zerotier-one/identity.public \
    /etc/keys/mandos/seckey.txt /etc/keys/mandos/pubkey.txt /etc/keys/mandos/tls-privkey.pem \
    /etc/keys/mandos/tls-pubkey.pem
  empty_folders /etc/puppetlabs/puppet/ssl
}

# Only where the unit that makes it again was installed. /etc/ssl/certs has links to it named after its hash.
erase_snakeoil() {
  [ -f /etc/systemd/system/buildimg-snakeoil.service ] || return 0
  shred_files /etc/ssl/private/ssl-cert-snakeoil.key
  find /etc/ssl/certs -maxdepth 1 -type l -lname '*ssl-cert-snakeoil.pem' -delete
  rm -f /etc/ssl/certs/ssl-cert-snakeoil.pem
}
