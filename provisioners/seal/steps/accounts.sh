#!/usr/bin/env bash
# Accounts and homes. Needs common.sh, lib/accounts.sh, sshd.sh and erase.sh.

# ACC-001, ACC-002, ACC-003, ACC-004: no hash leaves the building, locked or not, and nobody has an empty password.
lock_accounts() {
  local name
  while IFS= read -r name; do
    [ -z "$name" ] || lock_password "$name"
  done <<<"$(list_accounts_with_password)"
  while IFS= read -r name; do
    [ -z "$name" ] || groupmod -p "$LOCKED_PASSWORD" -- "$name"
  done <<<"$(list_groups_with_password)"
}

# ACC-010: the files before the last change still hold the hashes. ACC-008: cloud-init writes its sudo rule again for
# whoever the default user then is. ACC-015: the machine's place in a domain, and passwords that were remembered for it.
erase_account_backups() {
  local name files=()
  for name in passwd shadow group gshadow subuid subgid; do
    files+=("/etc/$name-" "/etc/$name.bak" "/etc/$name.org" "/var/backups/$name.bak")
  done
  shred_files "${files[@]}" /etc/krb5.keytab /var/lib/samba/private/secrets.tdb
  empty_folders /var/lib/sss/db /var/lib/sss/mc /var/lib/sss/secrets
  truncate_files /etc/security/opasswd /etc/opasswd
  rm -rf /etc/sudoers.d/90-cloud-init-users /var/lib/sudo/ts
}

# SEAL-001, KEY-002, KEY-004, SEAL-020
erase_homes() {
  local home leftovers=()
  load_homes
  shred_listed <<<"$(
    list_histories "${HOMES[@]}"
    list_private_keys "${HOMES[@]}"
  )"
  for home in "${HOMES[@]}"; do
    leftovers+=("$home"/.ssh/known_hosts* "$home/.ssh/environment" "$home"/.ssh/agent* "$home/.ansible" "$home/.packer.d")
  done
  rm -rf "${leftovers[@]}"
  # SEAL-017: kickstart files and answers to the installer hold root's hash.
  shred_files /root/anaconda-ks.cfg /root/original-ks.cfg /root/initial-setup-ks.cfg /preseed.cfg /root/preseed.cfg
  truncate_files /var/cache/debconf/passwords.dat
}

# KEY-001, by every path that sshd would look at. The open connection stays.
erase_authorized_keys() {
  local file files=()
  load_sshd_root_settings_if_needed
  while IFS= read -r file; do
    [ -n "$file" ] || continue
    # The keys may lie behind a link.
    if [ -L "$file" ]; then files+=("$(readlink -f -- "$file" || true)"); fi
    files+=("$file")
  done <<<"$(list_authorized_keys_files)"
  if [ "${#files[@]}" -gt 0 ]; then shred_files "${files[@]}"; fi
}

# KEY-003: all types, certificates, and keys that the configuration names elsewhere.
erase_host_keys() {
  load_sshd_root_settings_if_needed
  shred_listed <<<"$(list_host_keys)"
}

load_sshd_root_settings_if_needed() {
  if has_sshd; then load_sshd_root_settings; fi
}
