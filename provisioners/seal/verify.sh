#!/usr/bin/env bash
# Nothing of the build instance is left. Reads only; works on a running instance and in a chroot of the captured image.
# Some functions are called by check_listed.
# shellcheck disable=SC2317
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/common.sh
. "$here/../lib/common.sh"
# shellcheck source=../lib/checks.sh
. "$here/../lib/checks.sh"
# shellcheck source=../lib/accounts.sh
. "$here/../lib/accounts.sh"
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
# shellcheck source=steps/residue.sh
. "$here/steps/residue.sh"

main() {
  require_root
  if has_sshd; then
    load_sshd_root_settings
    [ -z "$BLIND" ] || miss SSH-010 "sshd could not be asked what it does: $BLIND"
  fi
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
  local name backups=()
  check_listed ACC-002 'has a password hash, or an empty password' list_accounts_with_password
  check_listed ACC-002 'is a group with a password' list_groups_with_password
  check_listed ACC-001 'has its password in /etc/passwd' list_passwords_in_passwd
  for name in passwd shadow group gshadow subuid subgid; do
    backups+=("/etc/$name-" "/var/backups/$name.bak")
  done
  check_absent ACC-010 "${backups[@]}"
  check_absent ACC-008 /etc/sudoers.d/90-cloud-init-users
  check_absent ACC-015 /etc/krb5.keytab
  check_empty_folders ACC-015 /var/lib/sss/db /var/lib/sss/secrets
}

list_passwords_in_passwd() {
  cut -d : -f 1,2 /etc/passwd | awk -F: '$2 !~ /^[x*!]+$/ { print $1 }'
}

check_homes() {
  local home known=() tools=() cores=()
  check_listed SEAL-001 'is a history' list_histories "${HOMES[@]}"
  check_listed KEY-002 'holds a private key' list_private_keys "${HOMES[@]}"
  for home in "${HOMES[@]}"; do
    known+=("$home/.ssh/known_hosts" "$home/.ssh/known_hosts.old" "$home/.ssh/environment")
    tools+=("$home/.ansible" "$home/.packer.d")
    cores+=("$home/core")
  done
  check_absent KEY-004 "${known[@]}"
  check_absent SEAL-020 "${tools[@]}"
  check_listed SEAL-016 'is the memory of a crashed program' list_existing_files "${cores[@]}"
  check_absent SEAL-017 /root/anaconda-ks.cfg /root/original-ks.cfg /root/initial-setup-ks.cfg /preseed.cfg
}

check_keys() {
  local key
  check_listed KEY-001 'lets somebody in' list_authorized_keys_files
  check_listed KEY-003 'is a host key' list_host_keys
  check_listed KEY-003 'is a key that was copied into the initrd' list_initrd_keys
  has_sshd || return 0
  if [ ! -L /etc/systemd/system/multi-user.target.wants/buildimg-hostkeys.service ]; then
    miss KEY-005 "buildimg-hostkeys.service is not enabled, so sshd may not start"
  fi
  see SSH-010 list_configured_host_keys
  while IFS= read -r key; do
    case $key in
      '' | /etc/ssh/ssh_host_rsa_key | /etc/ssh/ssh_host_ecdsa_key | /etc/ssh/ssh_host_ed25519_key) ;;
      *) is_made_by_ssh_keygen "$key" || miss SSH-010 "$key is configured as a host key, but nothing makes it on first boot" ;;
    esac
  done <<<"$SEEN"
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
  check_host_name
  check_empty_folders SEAL-009 /var/lib/dhcp /var/lib/dhclient /var/lib/dhcpcd
  check_listed SEAL-009 'is a lease' search find /var/lib/NetworkManager -name '*.lease' -print
  check_absent SEAL-010 /etc/udev/rules.d/70-persistent-net.rules
  check_listed SEAL-010 'names a network card' search grep -lE '^HWADDR=|^mac-address=|^MACAddress=|macaddress:' \
    /etc/sysconfig/network-scripts/ifcfg-* /etc/NetworkManager/system-connections/*.nmconnection \
    /etc/systemd/network/*.network /etc/netplan/50-cloud-init.yaml
  check_absent SEAL-015 /etc/pki/consumer/cert.pem /etc/sysconfig/rhn/systemid \
    /var/lib/ubuntu-advantage/private/machine-token.json /etc/zypp/credentials.d/SCCcredentials
  check_absent KEY-010 /etc/nvme/hostnqn /etc/nvme/hostid /var/lib/yum/uuid /etc/chef/client.pem \
    /etc/salt/pki/minion/minion.pem /var/lib/tailscale/tailscaled.state /var/lib/zerotier-one/identity.secret \
    /var/lib/teleport/host_uuid /etc/keys/mandos/seckey.txt /etc/keys/mandos/tls-privkey.pem
  check_empty_folders FB-001 /var/lib/buildimg
  check_absent FB-001 /root/initial-credentials
}

check_host_name() {
  see SEAL-008 search grep -liE '^preserve_hostname:[[:space:]]*(true|yes)' /etc/cloud/cloud.cfg /etc/cloud/cloud.cfg.d/*.cfg
  [ -z "$SEEN" ] || return 0
  see SEAL-008 search cat /etc/hostname
  [ -z "$SEEN" ] || miss SEAL-008 "/etc/hostname is $SEEN"
}

check_cloud_init() {
  check_absent SEAL-005 /var/lib/cloud/instance /var/lib/cloud/data /var/lib/cloud/sem /var/lib/cloud/instances
  check_absent SEAL-007 /etc/cloud/cloud-init.disabled /etc/cloud/cloud.cfg.d/99-installer.cfg
  check_absent SSH-007 /etc/ssh/sshd_config.d/50-cloud-init.conf
}

# One walk tells logs, rotated logs and journals apart.
check_logs() {
  local kind path
  see SEAL-002 search find /var/log -xdev -type f \( -path '/var/log/journal/*' -printf 'journal %p\n' \
    -o \( -name '*.gz' -o -name '*.xz' -o -name '*.bz2' -o -name '*.[0-9]' -o -name '*.old' \) -printf 'rotated %p\n' \
    -o -size +0 ! -name README -printf 'log %p\n' \)
  while read -r kind path; do
    case $kind in
      journal) miss SEAL-003 "$path is a journal" ;;
      rotated) miss SEAL-002 "$path is a rotated log" ;;
      log) miss SEAL-002 "$path is a log that is not empty" ;;
    esac
  done <<<"$SEEN"
  check_listed SEAL-004 'has login records' \
    search find /var/lib/wtmpdb /var/lib/lastlog /var/lib/sudo/ts -type f -size +0
}

check_leftovers() {
  check_listed SEAL-011 'is a package cache' search find /var/cache/apt/archives /var/lib/apt/lists /var/cache/dnf \
    /var/cache/yum -type f ! -name lock
  check_listed SEAL-012 'is a temporary file' search find /tmp /var/tmp -xdev -mindepth 1 -maxdepth 1
  check_listed SEAL-016 'is mail, a job or a crash' search find /var/mail/ /var/spool/mail/ /var/spool/at \
    /var/spool/cron/atjobs /var/crash /var/lib/systemd/coredump -type f ! -name .SEQ -size +0
  if [ "$(option PACKAGE_PROXY keep)" = remove ]; then
    check_listed SEAL-024 'sends package managers through a proxy' search grep -d skip -liE "$PROXY_LINE" \
      /etc/apt/apt.conf /etc/apt/apt.conf.d/* /etc/yum.conf /etc/dnf/dnf.conf
  fi
  check_listed SEAL-018 'is a swap file' list_swap_files
  # The agent's state is removed at shutdown if the builder came through it.
  if is_booted && [ -f /run/systemd/system/buildimg-seal-late.service ]; then return 0; fi
  check_empty_folders SEAL-013 /var/lib/amazon/ssm
}

list_swap_files() {
  search cat /etc/fstab | awk '$1 ~ "^/" && $1 !~ "^/dev/" && $3 == "swap" { print $1 }'
}

main
