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
# whoever the default user then is.
erase_account_backups() {
  local name
  for name in passwd shadow group gshadow subuid subgid; do
    shred_files "/etc/$name-" "/etc/$name.bak" "/etc/$name.org" "/var/backups/$name.bak"
  done
  truncate_files /etc/security/opasswd /etc/opasswd
  rm -f /etc/sudoers.d/90-cloud-init-users
  rm -rf /var/lib/sudo/ts
}

# SEAL-001, KEY-002, KEY-004, SEAL-020
erase_homes() {
  local home file
  while IFS= read -r home; do
    while IFS= read -r file; do
      [ -z "$file" ] || shred_files "$file"
    done <<<"$(list_histories "$home" && list_private_keys "$home")"
    rm -rf "$home"/.ssh/known_hosts* "$home"/.ssh/environment "$home"/.ssh/agent* "$home/.ansible" "$home/.packer.d"
  done <<<"$(list_homes)"
  # SEAL-017: kickstart files hold root's hash.
  shred_files /root/anaconda-ks.cfg /root/original-ks.cfg /root/initial-setup-ks.cfg
}

# KEY-001, by every path that sshd would look at. The open connection stays.
erase_authorized_keys() {
  local file target
  prepare_sshd_queries_if_needed
  while IFS= read -r file; do
    [ -n "$file" ] || continue
    # The keys may lie behind a link.
    target=$(readlink -f -- "$file" || true)
    shred_files "$file"
    if [ -n "$target" ] && [ -f "$target" ]; then shred_files "$target"; fi
  done <<<"$(list_authorized_keys_files)"
}

# KEY-003: all types, certificates, and keys that the configuration names elsewhere.
erase_host_keys() {
  local file
  prepare_sshd_queries_if_needed
  while IFS= read -r file; do
    [ -z "$file" ] || shred_files "$file"
  done <<<"$(list_host_keys)"
}

prepare_sshd_queries_if_needed() {
  if has_sshd; then prepare_sshd_queries; fi
}
