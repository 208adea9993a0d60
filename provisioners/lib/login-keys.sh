#!/usr/bin/env bash
# Host keys, and files that let somebody in, wherever they lie. Needs common.sh, look.sh, accounts.sh, sshd.sh, and
# load_sshd_root_settings where there is an sshd.

# Debian's dropbear, and its server in the initrd by the names of 12 and later, and of 11.
DROPBEAR_FOLDERS=(/etc/dropbear /etc/dropbear-initramfs)

# list_host_keys: keys and certificates of every type in the usual places, and wherever the configuration says.
list_host_keys() {
  local key keys configured=()
  keys=$(list_configured_host_keys)
  while IFS= read -r key; do
    [ -z "$key" ] || configured+=("$key" "$key.pub")
  done <<<"$keys"
  {
    search find /etc/ssh -xdev -maxdepth 1 \( -name 'ssh_host_*' -o -name '*_key' -o -name '*_key.pub' \) -print
    search find "${DROPBEAR_FOLDERS[@]}" -xdev \( -type f -o -type l \) \( -name '*_key' -o -name '*_key.pub' \) -print
    [ "${#configured[@]}" -eq 0 ] || list_existing_files "${configured[@]}"
  } | sort -u
}

# The throw-away key of the query is listed by sshd as well.
list_configured_host_keys() {
  has_sshd || return 0
  sed -nE 's/^(hostkey|hostcertificate) //p' <<<"$SSHD_ROOT_SETTINGS" |
    awk -v query="$SSHD_QUERY_FOLDER/key" '$0 != query && $0 != "none" && !seen[$0]++'
}

# is_made_by_ssh_keygen PATH: by `ssh-keygen -A`, as of the version that came with this sshd.
is_made_by_ssh_keygen() {
  [ "$1" = /etc/ssh/ssh_host_mldsa44_ed25519_key ] && [ "$(sshd_version)" -ge 1006 ]
}

# list_authorized_keys_files: every file that could let somebody in, of every account and of leftover homes.
list_authorized_keys_files() {
  local user uid home patterns pattern everybody='' differs='' accounts homes files=()
  accounts=$(cat /etc/passwd)
  homes=$(set -e && list_homes)
  if has_sshd; then
    everybody=$(print_key_patterns <<<"$SSHD_ROOT_SETTINGS")
    # Asking sshd for every account takes a second each on a small instance, and only a Match block makes them differ.
    differs=$(set -e && list_all_match_settings | awk 'tolower($2) == "authorizedkeysfile"')
  fi
  while IFS=: read -r user _ uid _ _ home _; do
    patterns=".ssh/authorized_keys .ssh/authorized_keys2 $everybody"
    if [ -n "$differs" ]; then patterns="$patterns $(set -e && list_settings_of "$user" | print_key_patterns)"; fi
    # A pattern of sshd's is none of the shell's.
    set -f
    for pattern in $patterns; do
      expand_keys_pattern "$pattern" "$user" "$uid" "$home"
      [ -z "$EXPANDED" ] || files+=("$EXPANDED")
    done
    set +f
  done <<<"$accounts"
  while IFS= read -r home; do
    files+=("$home/.ssh/authorized_keys" "$home/.ssh/authorized_keys2")
  done <<<"$homes"
  {
    list_existing_files "${files[@]}"
    search find /etc/ssh "${DROPBEAR_FOLDERS[@]}" -xdev -path '*/authorized_keys*' \( -type f -o -type l \) -print
  } | sort -u
}

print_key_patterns() {
  sed -n 's/^authorizedkeysfile //p'
}

# expand_keys_pattern PATTERN USER UID HOME: EXPANDED becomes the path, empty for `none`. Not printed: a process for each
# account and pattern would take minutes on a small instance.
expand_keys_pattern() {
  local rest=$1
  EXPANDED=''
  [ "$1" != none ] || return 0
  while [[ $rest == *%* ]]; do
    EXPANDED=$EXPANDED${rest%%\%*}
    rest=${rest#*%}
    case $rest in
      %*) EXPANDED=$EXPANDED% ;;
      h*) EXPANDED=$EXPANDED$4 ;;
      u*) EXPANDED=$EXPANDED$2 ;;
      U*) EXPANDED=$EXPANDED$3 ;;
      *)
        printf 'AuthorizedKeysFile %s: nobody knows what %%%s means\n' "$1" "${rest:0:1}" >&2
        return 1
        ;;
    esac
    rest=${rest#?}
  done
  EXPANDED=$EXPANDED$rest
  case $EXPANDED in /*) ;; *) EXPANDED=${4%/}/$EXPANDED ;; esac
}

# list_existing_files PATH…: those that are files, or links wherever they lead.
list_existing_files() {
  search find "$@" -maxdepth 0 \( -type f -o -type l \) -print
}
