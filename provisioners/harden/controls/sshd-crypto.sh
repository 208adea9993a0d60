#!/usr/bin/env bash
# SSH-014, SSH-018, SSH-019. On the RHEL family the system-wide crypto policy decides, and lists here would undermine
# FIPS and its updates. Needs common.sh, sshd.sh and controls/sshd.sh.

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
SHORTEST_GROUP_BITS=3071

add_sshd_crypto() {
  has_sshd || return 0
  prepare_sshd_queries
  # Without a configuration it lists what it takes by default. `ssh -Q` would know more, but need not be installed.
  must_see ask_sshd -f /dev/null
  SSHD_TEXT="$SSHD_TEXT# $1
KexAlgorithms $(known_names kexalgorithms "$WANTED_KEX")
Ciphers $(known_names ciphers "$WANTED_CIPHERS")
MACs $(known_names macs "$WANTED_MACS")
HostKeyAlgorithms $(known_names hostkeyalgorithms "$WANTED_HOST_KEYS")
"
}

# known_names KEYWORD WANTED: the wanted names that the answer of sshd in SEEN has for the keyword, joined by commas.
known_names() {
  local known name names=''
  known=,$(sed -n "s/^$1 //p" <<<"$SEEN"),
  for name in $2; do
    case $known in *",$name,"*) names="$names,$name" ;; esac
  done
  printf '%s' "${names#,}"
}

check_sshd_crypto() {
  local subject
  load_sshd_settings || return 0
  for subject in "${SSHD_SUBJECTS[@]}"; do
    case $subject in root*) check_algorithms "$1" "$subject" ;; esac
    # The second is its name until OpenSSH 8.4.
    case ${SSHD_SETTING["$subject pubkeyacceptedalgorithms"]-}${SSHD_SETTING["$subject pubkeyacceptedkeytypes"]-} in
      *rsa-sha2-*) ;;
      *) miss "$1" "RSA keys with SHA-2 are refused: most EC2 key pairs could not log in ($subject)" ;;
    esac
  done
}

# check_algorithms CONTROL SUBJECT
check_algorithms() {
  local keyword name
  for keyword in kexalgorithms ciphers macs hostkeyalgorithms; do
    get_sshd_setting "$1" "$2" "$keyword"
    for name in ${SSHD_VALUE//,/ }; do
      case $name in
        *sha1 | *sha1-* | *cbc | *nistp* | 3des* | arcfour* | umac-64* | hmac-md5* | ssh-rsa | ssh-rsa-cert* | ssh-dss*)
          miss "$1" "$keyword has $name"
          ;;
      esac
    done
  done
}

# SSH-018
harden_sshd_files() {
  has_sshd || return 0
  list_open_sshd_files | while IFS= read -r file; do
    chown root:root -- "$file"
    chmod go-rwx -- "$file"
  done
}

check_sshd_files() {
  has_sshd || return 0
  check_listed "$1" 'can be read or written by others' list_open_sshd_files
}

list_open_sshd_files() {
  search find /etc/ssh/sshd_config /etc/ssh/sshd_config.d -type f \
    \( ! -user root -o ! -group root -o -perm /077 \) -print
}

# SSH-019
harden_moduli() {
  local groups
  [ -f /etc/ssh/moduli ] || return 0
  groups=$(awk -v least="$SHORTEST_GROUP_BITS" '/^#/ || $5 >= least' /etc/ssh/moduli)
  printf '%s\n' "$groups" | write_file /etc/ssh/moduli 0644 root:root
}

check_moduli() {
  [ -f /etc/ssh/moduli ] || return 0
  # shellcheck disable=SC2016
  see "$1" awk -v least="$SHORTEST_GROUP_BITS" '!/^#/ && NF && $5 < least { print; exit }' /etc/ssh/moduli
  [ -z "$SEEN" ] || miss "$1" "/etc/ssh/moduli has groups of less than 3072 bits"
}
