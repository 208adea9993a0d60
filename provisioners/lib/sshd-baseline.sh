#!/usr/bin/env bash
# The sshd settings of the baseline profile. Needs common.sh, distro.sh and sshd.sh.

# Preferred first. Whatever this OpenSSH does not know is left out, since one unknown name makes sshd refuse to start.
WANTED_KEX='mlkem768x25519-sha256 sntrup761x25519-sha512 sntrup761x25519-sha512@openssh.com curve25519-sha256
  curve25519-sha256@libssh.org diffie-hellman-group16-sha512 diffie-hellman-group18-sha512'
WANTED_CIPHERS='chacha20-poly1305@openssh.com aes256-gcm@openssh.com aes128-gcm@openssh.com aes256-ctr aes192-ctr
  aes128-ctr'
WANTED_MACS='hmac-sha2-512-etm@openssh.com hmac-sha2-256-etm@openssh.com umac-128-etm@openssh.com'
# rsa-sha2-* stay: EC2 key pairs are RSA unless asked otherwise, and so are many clients' known hosts.
WANTED_HOST_KEYS='ssh-ed25519 ssh-ed25519-cert-v01@openssh.com sk-ssh-ed25519@openssh.com
  sk-ssh-ed25519-cert-v01@openssh.com rsa-sha2-512 rsa-sha2-512-cert-v01@openssh.com rsa-sha2-256
  rsa-sha2-256-cert-v01@openssh.com'

# render_sshd_baseline USE_DNS ALLOW_TCP_FORWARDING: only global directives, so it can stand in front of anything.
render_sshd_baseline() {
  cat <<CONFIG
# Written by buildimg (harden). sshd takes the first value that it reads, so this stands before everything else.
# SSH-001
PermitRootLogin no
# SSH-002
PasswordAuthentication no
# SSH-003: otherwise PAM asks for the password through this door
KbdInteractiveAuthentication no$(render_challenge_response)
# SSH-004
PermitEmptyPasswords no
# SSH-008
UseDNS $(yes_or_no "$1")
# SSH-012
X11Forwarding no
# SSH-013: fewer tries would lock out agents that hold several keys
MaxAuthTries 4
LoginGraceTime 60
# SSH-015
AllowTcpForwarding $(yes_or_no "$2")
$(render_sshd_crypto)
CONFIG
}

# Until OpenSSH 8.7 the setting had another name, and the new one alone left the door open.
render_challenge_response() {
  [ "$(sshd_version)" -ge 807 ] || printf '\nChallengeResponseAuthentication no'
}

# On the RHEL family the system-wide crypto policy decides, and lists here would undermine FIPS and its updates.
render_sshd_crypto() {
  [ "$(distro_family)" = debian ] || return 0
  printf '# SSH-014\n'
  printf 'KexAlgorithms %s\n' "$(known_names kex "$WANTED_KEX")"
  printf 'Ciphers %s\n' "$(known_names cipher "$WANTED_CIPHERS")"
  printf 'MACs %s\n' "$(known_names mac "$WANTED_MACS")"
  printf 'HostKeyAlgorithms %s\n' "$(known_names 'HostKeyAlgorithms sig key' "$WANTED_HOST_KEYS")"
}

# known_names QUERIES WANTED: the wanted names that one of the `ssh -Q` queries lists, joined by commas. Old OpenSSH does
# not have every query.
known_names() {
  local known query name names=()
  # Unquoted: queries and names are words.
  # shellcheck disable=SC2086
  known=$(for query in $1; do ssh -Q "$query" 2>/dev/null || true; done)
  # shellcheck disable=SC2086
  for name in $2; do
    if printf '%s\n' "$known" | grep -Fqx -- "$name"; then names+=("$name"); fi
  done
  (
    IFS=,
    printf '%s' "${names[*]}"
  )
}

# Without drop-ins read first, the block goes to the top of the main file, replacing the block of an earlier run.
prepend_sshd_baseline() {
  local rest mode
  rest=$(sed '/^# BEGIN buildimg$/,/^# END buildimg$/d' "$SSHD_CONFIG")
  mode=$(stat -c %a "$SSHD_CONFIG")
  {
    printf '# BEGIN buildimg\n'
    render_sshd_baseline "$1" "$2"
    printf '# END buildimg\n%s\n' "$rest"
  } | write_file "$SSHD_CONFIG" "$mode" root:root
}
