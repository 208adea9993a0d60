#!/usr/bin/env bash
# What sshd would really do, by asking it (`sshd -T`) with the options that it is started with: our own reading of its files
# is only used for Match blocks. Needs common.sh, look.sh, unit-files.sh and sshd-starts.sh.

SSHD_CONFIG=/etc/ssh/sshd_config
# Every sshd prints these; an answer without them is none that we can read.
SSHD_ANSWER_KEYWORDS='port permitrootlogin passwordauthentication authorizedkeysfile hostkey'

# An sshd without any configuration does not start.
has_sshd() {
  has_command sshd || return 1
  if [ -e "$SSHD_CONFIG" ] || [ -L "$SSHD_CONFIG" ] || [ -e /usr/etc/ssh/sshd_config ]; then return 0; fi
  list_sshd_starts | grep -F -- "$WORD_END-f$WORD_END" >/dev/null
}

# load_sshd_starts: SSHD_STARTS becomes the list; see list_sshd_starts. Ends the script where it cannot be read.
load_sshd_starts() {
  [ -z "${SSHD_STARTS+set}" ] || return 0
  must_see list_sshd_starts
  # All units may be masked; the configuration is judged all the same.
  mapfile -t SSHD_STARTS <<<"${SEEN:-sshd}"
}

# A sealed image has no host keys, and `sshd -T` refuses to answer without one, so it is given a throw-away key.
prepare_sshd_queries() {
  load_sshd_starts
  [ -z "${SSHD_QUERY_FOLDER:-}" ] || return 0
  SSHD_QUERY_FOLDER=$(mktemp -d /run/buildimg-sshd.XXXXXX)
  # shellcheck disable=SC2064
  trap "rm -rf '$SSHD_QUERY_FOLDER'" EXIT
  if has_command ssh-keygen; then ssh-keygen -q -t ecdsa -N '' -f "$SSHD_QUERY_FOLDER/key"; fi
  # The privilege separation folder is made by the service; offline nobody did.
  mkdir -p /run/sshd
}

# ask_sshd ARGUMENT…: its answer, `keyword value` lines. OpenSSH 10.6 writes keywords in mixed case, older ones do not.
ask_sshd() {
  local question=(-T -h "$SSHD_QUERY_FOLDER/key") answer keyword
  # From 9.3 on there is a question that needs no host key.
  [ -e "$SSHD_QUERY_FOLDER/key" ] || question=(-G)
  answer=$(sshd "${question[@]}" "$@" | awk '{ keyword = tolower($1); sub(/^[^ \t]+/, keyword); print }')
  for keyword in $SSHD_ANSWER_KEYWORDS; do
    case $'\n'"$answer" in
      *$'\n'"$keyword "*) ;;
      *)
        printf 'sshd answered without a line for "%s"\n' "$keyword" >&2
        return 1
        ;;
    esac
  done
  printf '%s\n' "$answer"
}

# sshd_settings USER START: `keyword value` lines that apply to that user from an address on the internet, where sshd is
# started so.
sshd_settings() {
  local options
  IFS=$WORD_END read -r -a options <<<"$2"
  ask_sshd ${options[@]+"${options[@]:1}"} \
    -C "user=$1,host=client.invalid,addr=203.0.113.7,laddr=198.51.100.7,lport=22"
}

# load_sshd_root_settings: what applies to root, asked once: the answer takes sshd a second on a small instance. BLIND says
# why there is none.
# shellcheck disable=SC2034
load_sshd_root_settings() {
  BLIND=''
  [ -z "${SSHD_ROOT_SETTINGS:-}" ] || return 0
  prepare_sshd_queries
  look list_settings_of root
  SSHD_ROOT_SETTINGS=$SEEN
}

# list_settings_of USER: by every way in which sshd is started.
list_settings_of() {
  local start
  for start in "${SSHD_STARTS[@]}"; do sshd_settings "$1" "$start"; done
}

# sshd_version: major * 100 + minor, so OpenSSH_8.7p1 is 807. An image may have no client; an old sshd does not know -V, and
# names its version all the same.
sshd_version() {
  local text program=sshd
  if has_command ssh; then program=ssh; fi
  text=$("$program" -V 2>&1 || true)
  [[ $text =~ OpenSSH_([0-9]+)\.([0-9]+) ]] || die "sshd does not say which version it is: $text"
  printf '%s' $((BASH_REMATCH[1] * 100 + BASH_REMATCH[2]))
}

# The first directive wins, so a drop-in only rules if nothing stands before the Include (absent before OpenSSH 8.2).
reads_drop_ins_first() {
  local first
  first=$(grep -vE '^[[:space:]]*(#|$)' "$SSHD_CONFIG" | head -n 1 || true)
  printf '%s\n' "$first" | grep -iE '^[[:space:]]*Include[[:space:]=]+"?/etc/ssh/sshd_config\.d/\*\.conf"?[[:space:]]*$' >/dev/null
}

# list_all_match_settings: of every file that sshd is started with. Needs load_sshd_starts.
list_all_match_settings() {
  local start file words
  for start in "${SSHD_STARTS[@]}"; do
    file=$SSHD_CONFIG
    [ -e "$file" ] || file=/usr/etc/ssh/sshd_config
    case $start in
      *"$WORD_END-f$WORD_END"*)
        words=${start#*"$WORD_END-f$WORD_END"}
        file=${words%%"$WORD_END"*}
        ;;
    esac
    list_match_settings "$file" no 0
  done | sort -u
}

# list_match_settings FILE IN_MATCH DEPTH: `file:line keyword value` for every directive below a Match that can apply to a
# part of the connections, in included files as well. A Match in an included file ends with that file. sshd includes 16 deep.
list_match_settings() {
  local file=$1 in_match=$2 depth=$3 number=0 text line keyword value pattern included
  if [ "$depth" -gt 16 ]; then
    printf '%s is included too deep\n' "$file" >&2
    return 1
  fi
  text=$(cat -- "$file")
  while IFS= read -r line; do
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
            if [ -e "$included" ]; then list_match_settings "$included" "$in_match" $((depth + 1)); fi
          done
        done
        ;;
      *) if [ "$in_match" = yes ]; then printf '%s:%s %s %s\n' "$file" "$number" "$keyword" "$value"; fi ;;
    esac
  done <<<"$text"
}

# yes_or_no true|false: the same in sshd's words.
yes_or_no() {
  if [ "$1" = true ]; then printf 'yes'; else printf 'no'; fi
}
