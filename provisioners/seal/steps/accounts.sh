#!/usr/bin/env bash
# Accounts and homes. Needs common.sh, look.sh, lib/accounts.sh, sshd.sh, login-keys.sh, initrd.sh and
# erase.sh.

# ACC-001, ACC-002, ACC-003, ACC-004: no hash leaves the building, locked or not, and nobody has an empty password.
lock_accounts() {
  local name
  must_see list_accounts_with_password
  while IFS= read -r name; do
    [ -z "$name" ] || lock_password "$name"
  done <<<"$SEEN"
  must_see list_groups_with_password
  while IFS= read -r name; do
    [ -z "$name" ] || groupmod -p "$LOCKED_PASSWORD" -- "$name"
  done <<<"$SEEN"
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
  shred_listed list_histories "${HOMES[@]}"
  shred_listed list_private_keys "${HOMES[@]}"
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
  ask_sshd_about_root
  must_see list_authorized_keys_files
  while IFS= read -r file; do
    [ -n "$file" ] || continue
    # The keys may lie behind a link.
    if [ -L "$file" ]; then files+=("$(readlink -f -- "$file" || true)"); fi
    files+=("$file")
  done <<<"$SEEN"
  if [ "${#files[@]}" -gt 0 ]; then shred_files "${files[@]}"; fi
}

# KEY-003: all types, certificates, and keys that the configuration names elsewhere.
erase_host_keys() {
  ask_sshd_about_root
  shred_listed list_host_keys
}

# KEY-003, KEY-001: copies of what was erased above.
erase_initrd_keys() {
  local initrd
  must_see list_initrd_keys
  [ -n "$SEEN" ] || return 0
  while IFS= read -r initrd; do
    log "keys lie in $initrd, which is made again without them"
    rebuild_initrd "$initrd"
  done <<<"$(cut -d : -f 1 <<<"$SEEN" | sort -u)"
}

ask_sshd_about_root() {
  has_sshd || return 0
  load_sshd_root_settings
  [ -z "$BLIND" ] || die "sshd could not be asked what it does: $BLIND"
}
