#!/usr/bin/env bash
# Nothing of the build instance is left. Reads only; works on a running instance and in a chroot of the captured image.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/common.sh
. "$here/../lib/common.sh"
# shellcheck source=../lib/checks.sh
. "$here/../lib/checks.sh"
# shellcheck source=../lib/accounts.sh
. "$here/../lib/accounts.sh"
# shellcheck source=../lib/sshd.sh
. "$here/../lib/sshd.sh"
# shellcheck source=steps/erase.sh
. "$here/steps/erase.sh"
# shellcheck source=steps/residue.sh
. "$here/steps/residue.sh"

main() {
  require_root
  if has_sshd; then load_sshd_root_settings; fi
  load_homes
  check_accounts
  check_homes
  check_keys
  check_identity
  check_cloud_init
  check_logs
  check_leftovers
  finish_checks seal
}

check_accounts() {
  local name
  check_listed ACC-002 'has a password hash, or an empty password' <<<"$(list_accounts_with_password)"
  check_listed ACC-002 'is a group with a password' <<<"$(list_groups_with_password)"
  check_listed ACC-001 'has its password in /etc/passwd' <<<"$(awk -F: '$2 !~ /^[x*!]+$/ { print $1 }' /etc/passwd)"
  for name in passwd shadow group gshadow subuid subgid; do
    check_absent ACC-010 "/etc/$name-" "/var/backups/$name.bak"
  done
  check_absent ACC-008 /etc/sudoers.d/90-cloud-init-users
  check_absent ACC-015 /etc/krb5.keytab
  check_empty_folders ACC-015 /var/lib/sss/db /var/lib/sss/secrets
}

check_homes() {
  local home
  check_listed SEAL-001 'is a history' <<<"$(list_histories "${HOMES[@]}")"
  check_listed KEY-002 'holds a private key' <<<"$(list_private_keys "${HOMES[@]}")"
  for home in "${HOMES[@]}"; do
    check_absent KEY-004 "$home/.ssh/known_hosts" "$home/.ssh/known_hosts.old" "$home/.ssh/environment"
    check_absent SEAL-020 "$home/.ansible" "$home/.packer.d"
    check_listed SEAL-016 'is the memory of a crashed program' <<<"$(print_if_file "$home/core")"
  done
  check_absent SEAL-017 /root/anaconda-ks.cfg /root/original-ks.cfg /root/initial-setup-ks.cfg /preseed.cfg
}

check_keys() {
  local key
  check_listed KEY-001 'lets somebody in' <<<"$(list_authorized_keys_files)"
  has_sshd || return 0
  check_listed KEY-003 'is a host key' <<<"$(list_host_keys)"
  if [ ! -L /etc/systemd/system/multi-user.target.wants/buildimg-hostkeys.service ]; then
    miss KEY-005 "buildimg-hostkeys.service is not enabled, so sshd may not start"
  fi
  while IFS= read -r key; do
    case $key in
      '' | /etc/ssh/ssh_host_rsa_key | /etc/ssh/ssh_host_ecdsa_key | /etc/ssh/ssh_host_ed25519_key) ;;
      *) miss SSH-010 "$key is configured as a host key, but nothing makes it on first boot" ;;
    esac
  done <<<"$(list_configured_host_keys)"
}

check_identity() {
  local content
  if [ ! -f /etc/machine-id ]; then
    miss KEY-006 "/etc/machine-id is missing, which counts as a first boot"
  else
    content=$(</etc/machine-id)
    case "$(option MACHINE_ID empty):$content" in
      empty: | uninitialized:uninitialized) ;;
      *) miss KEY-006 "/etc/machine-id is not $(option MACHINE_ID empty)" ;;
    esac
  fi
  if [ -e /var/lib/dbus/machine-id ] && [ ! -L /var/lib/dbus/machine-id ]; then
    miss KEY-007 "/var/lib/dbus/machine-id is an id of its own, which systemd would take over"
  fi
  if [ -e /usr/sbin/make-ssl-cert ]; then check_absent KEY-008 /etc/ssl/private/ssl-cert-snakeoil.key; fi
  check_absent KEY-009 /var/lib/systemd/random-seed /var/lib/urandom/random-seed /var/lib/random-seed \
    /boot/efi/loader/random-seed
  if ! grep -qsiE '^preserve_hostname:[[:space:]]*(true|yes)' /etc/cloud/cloud.cfg /etc/cloud/cloud.cfg.d/*.cfg &&
    [ -s /etc/hostname ]; then
    miss SEAL-008 "/etc/hostname is $(cat /etc/hostname)"
  fi
  check_empty_folders SEAL-009 /var/lib/dhcp /var/lib/dhclient /var/lib/dhcpcd
  check_listed SEAL-009 'is a lease' <<<"$(find /var/lib/NetworkManager -name '*.lease' -print 2>/dev/null || true)"
  check_absent SEAL-010 /etc/udev/rules.d/70-persistent-net.rules
  check_listed SEAL-010 'names a network card' \
    <<<"$(grep -lsE '^HWADDR=|^mac-address=|^MACAddress=|macaddress:' /etc/sysconfig/network-scripts/ifcfg-* \
      /etc/NetworkManager/system-connections/*.nmconnection /etc/systemd/network/*.network \
      /etc/netplan/50-cloud-init.yaml || true)"
  check_absent SEAL-015 /etc/pki/consumer/cert.pem /etc/sysconfig/rhn/systemid \
    /var/lib/ubuntu-advantage/private/machine-token.json /etc/zypp/credentials.d/SCCcredentials
  check_absent KEY-010 /etc/nvme/hostnqn /etc/nvme/hostid /var/lib/yum/uuid /etc/chef/client.pem \
    /etc/salt/pki/minion/minion.pem /var/lib/tailscale/tailscaled.state /var/lib/zerotier-one/identity.secret \
    /var/lib/teleport/host_uuid
  check_empty_folders FB-001 /var/lib/buildimg
  check_absent FB-001 /root/initial-credentials
}

check_cloud_init() {
  check_absent SEAL-005 /var/lib/cloud/instance /var/lib/cloud/data /var/lib/cloud/sem /var/lib/cloud/instances
  check_absent SEAL-007 /etc/cloud/cloud-init.disabled /etc/cloud/cloud.cfg.d/99-installer.cfg
  check_absent SSH-007 /etc/ssh/sshd_config.d/50-cloud-init.conf
}

# One walk tells logs, rotated logs and journals apart.
check_logs() {
  local kind path
  while read -r kind path; do
    case $kind in
      journal) miss SEAL-003 "$path is a journal" ;;
      rotated) miss SEAL-002 "$path is a rotated log" ;;
      log) miss SEAL-002 "$path is a log that is not empty" ;;
    esac
  done <<<"$(find /var/log -xdev -type f \( -path '/var/log/journal/*' -printf 'journal %p\n' \
    -o \( -name '*.gz' -o -name '*.xz' -o -name '*.bz2' -o -name '*.[0-9]' -o -name '*.old' \) -printf 'rotated %p\n' \
    -o -size +0 ! -name README -printf 'log %p\n' \) 2>/dev/null || true)"
  check_listed SEAL-004 'has login records' \
    <<<"$(find /var/lib/wtmpdb /var/lib/lastlog /var/lib/sudo/ts -type f -size +0 2>/dev/null || true)"
}

check_leftovers() {
  check_listed SEAL-011 'is a package cache' <<<"$(find /var/cache/apt/archives /var/lib/apt/lists /var/cache/dnf \
    /var/cache/yum -type f ! -name lock 2>/dev/null || true)"
  check_listed SEAL-012 'is a temporary file' <<<"$(find /tmp /var/tmp -xdev -mindepth 1 -maxdepth 1 2>/dev/null || true)"
  check_listed SEAL-016 'is mail, a job or a crash' <<<"$(find /var/mail/ /var/spool/mail/ /var/spool/at /var/spool/cron/atjobs \
    /var/crash /var/lib/systemd/coredump -type f ! -name .SEQ -size +0 2>/dev/null || true)"
  if [ "$(option PACKAGE_PROXY keep)" = remove ]; then
    check_listed SEAL-024 'sends package managers through a proxy' <<<"$(grep -lsiE "$PROXY_LINE" /etc/apt/apt.conf \
      /etc/apt/apt.conf.d/* /etc/yum.conf /etc/dnf/dnf.conf || true)"
  fi
  check_listed SEAL-018 'is a swap file' <<<"$(awk '$1 ~ "^/" && $1 !~ "^/dev/" && $3 == "swap" { print $1 }' \
    /etc/fstab 2>/dev/null || true)"
  # The agent's state is removed at shutdown if the builder came through it.
  if is_booted && [ -f /run/systemd/system/buildimg-seal-late.service ]; then return 0; fi
  check_empty_folders SEAL-013 /var/lib/amazon/ssm
}

# check_empty_folders CONTROL FOLDER…
check_empty_folders() {
  local control=$1 folder
  shift
  for folder in "$@"; do
    if is_non_empty_folder "$folder"; then miss "$control" "$folder is not empty"; fi
  done
}

main
