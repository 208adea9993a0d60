#!/usr/bin/env bash
# What sshd would really do, by asking it (`sshd -T`): our own reading of its files is only used for Match blocks.
# Needs common.sh.

SSHD_CONFIG=/etc/ssh/sshd_config

has_sshd() {
  [ -f "$SSHD_CONFIG" ] && has_command sshd
}

# A sealed image has no host keys, and `sshd -T` refuses to answer without one, so it is given a throw-away key.
prepare_sshd_queries() {
  [ -z "${SSHD_QUERY_FOLDER:-}" ] || return 0
  SSHD_QUERY_FOLDER=$(mktemp -d /run/buildimg-sshd.XXXXXX)
  # shellcheck disable=SC2064
  trap "rm -rf '$SSHD_QUERY_FOLDER'" EXIT
  ssh-keygen -q -t ecdsa -N '' -f "$SSHD_QUERY_FOLDER/key"
  # The privilege separation folder is made by the service; offline nobody did.
  mkdir -p /run/sshd
}

# sshd_settings USER: `keyword value` lines that apply to that user from an address on the internet.
sshd_settings() {
  sshd -T -h "$SSHD_QUERY_FOLDER/key" \
    -C "user=$1,host=client.invalid,addr=203.0.113.7,laddr=198.51.100.7,lport=22"
}

# load_sshd_root_settings: what applies to root, asked once: the answer takes sshd a second on a small instance.
load_sshd_root_settings() {
  [ -z "${SSHD_ROOT_SETTINGS:-}" ] || return 0
  prepare_sshd_queries
  SSHD_ROOT_SETTINGS=$(sshd_settings root) || die "sshd refuses its configuration"
}

# sshd_version: major * 100 + minor, so OpenSSH_8.7p1 is 807.
sshd_version() {
  local text
  text=$(ssh -V 2>&1)
  if [[ $text =~ OpenSSH_([0-9]+)\.([0-9]+) ]]; then printf '%s' $((BASH_REMATCH[1] * 100 + BASH_REMATCH[2])); fi
}

# The first directive wins, so a drop-in only rules if nothing stands before the Include (absent before OpenSSH 8.2).
reads_drop_ins_first() {
  local first
  first=$(grep -vE '^[[:space:]]*(#|$)' "$SSHD_CONFIG" | head -n 1 || true)
  printf '%s\n' "$first" | grep -iE '^[[:space:]]*Include[[:space:]=]+"?/etc/ssh/sshd_config\.d/\*\.conf"?[[:space:]]*$' >/dev/null
}

# list_match_settings [FILE [IN_MATCH]]: `file:line keyword value` for every directive below a Match that can apply to a
# part of the connections, in included files as well. A Match in an included file ends with that file.
list_match_settings() {
  local file=${1:-$SSHD_CONFIG} in_match=${2:-no} number=0 line keyword value pattern included
  [ -f "$file" ] || return 0
  while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    line=${line%%#*}
    line=${line//[=\"]/ }
    read -r keyword value <<<"$line" || true
    [ -n "$keyword" ] || continue
    case ${keyword,,} in
      match) in_match=yes ;;
      include)
        for pattern in $value; do
          case $pattern in /*) ;; *) pattern=/etc/ssh/$pattern ;; esac
          # Unquoted: Include takes patterns, in the order of the shell.
          # shellcheck disable=SC2086
          for included in $pattern; do
            list_match_settings "$included" "$in_match"
          done
        done
        ;;
      *) if [ "$in_match" = yes ]; then printf '%s:%s %s %s\n' "$file" "$number" "$keyword" "$value"; fi ;;
    esac
  done <"$file"
}

# list_host_keys: keys and certificates of every type in the usual place, and wherever the configuration says.
list_host_keys() {
  local key
  {
    find /etc/ssh /etc/dropbear -xdev -maxdepth 1 \( -name 'ssh_host_*' -o -name '*_key' -o -name '*_key.pub' \) -print \
      2>/dev/null || true
    list_configured_host_keys | while IFS= read -r key; do
      printf '%s\n' "$key" "$key.pub"
    done
  } | sort -u | while IFS= read -r key; do print_if_file "$key"; done
}

# The throw-away key of the query is listed by sshd as well. Needs load_sshd_root_settings.
list_configured_host_keys() {
  has_sshd || return 0
  sed -nE 's/^(hostkey|hostcertificate) //p' <<<"$SSHD_ROOT_SETTINGS" | grep -vxF -e "$SSHD_QUERY_FOLDER/key" -e none || true
}

# list_authorized_keys_files: every file that could let somebody in, of every account and of leftover homes. Needs
# load_sshd_root_settings.
list_authorized_keys_files() {
  local user home patterns pattern everybody='' differs=no
  if has_sshd; then
    everybody=$(sed -n 's/^authorizedkeysfile //p' <<<"$SSHD_ROOT_SETTINGS")
    # Asking sshd for every account takes a second each on a small instance, and only a Match block makes them differ.
    if list_match_settings | grep -i ' authorizedkeysfile ' >/dev/null; then differs=yes; fi
  fi
  {
    while IFS=: read -r user _ _ _ _ home _; do
      patterns=".ssh/authorized_keys .ssh/authorized_keys2 $everybody"
      if [ "$differs" = yes ]; then
        patterns="$patterns $(sshd_settings "$user" | sed -n 's/^authorizedkeysfile //p')"
      fi
      for pattern in $patterns; do
        expand_keys_pattern "$pattern" "$user" "$home"
        print_if_file "$EXPANDED"
      done
    done </etc/passwd
    list_homes | while IFS= read -r home; do
      print_if_file "$home/.ssh/authorized_keys"
      print_if_file "$home/.ssh/authorized_keys2"
    done
    find /etc/ssh -xdev -path '/etc/ssh/authorized_keys*' \( -type f -o -type l \) -print 2>/dev/null || true
  } | sort -u
}

print_if_file() {
  if [ -f "$1" ] || [ -L "$1" ]; then printf '%s\n' "$1"; fi
}

# expand_keys_pattern PATTERN USER HOME: EXPANDED becomes the path, empty for `none`. Not printed: a process for each
# account and pattern would take minutes on a small instance.
expand_keys_pattern() {
  EXPANDED=''
  [ "$1" != none ] || return 0
  EXPANDED=${1//%h/$3}
  EXPANDED=${EXPANDED//%u/$2}
  EXPANDED=${EXPANDED//%%/%}
  case $EXPANDED in
    /*) ;;
    *) EXPANDED=${3%/}/$EXPANDED ;;
  esac
}

# yes_or_no true|false: the same in sshd's words.
yes_or_no() {
  if [ "$1" = true ]; then printf 'yes'; else printf 'no'; fi
}
