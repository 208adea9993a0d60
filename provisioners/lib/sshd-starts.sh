#!/usr/bin/env bash
# What sshd is started with: an option on its command line wins over its files. Needs common.sh, look.sh and unit-files.sh.

# Stands between the words of a command line; no path and no option has it.
WORD_END=$'\037'
declare -A UNIT_ENVIRONMENT

# list_sshd_starts: a line for each different way in which this image starts sshd: the unit, then the words of the options
# that decide what sshd does, with WORD_END before each. Fails where that cannot be read.
list_sshd_starts() {
  local unit units
  units=$(list_sshd_units)
  {
    for unit in $units; do list_starts_of "$unit"; done
    [ -n "$units" ] || list_init_script_starts
  } | awk -v end="$WORD_END" '{ options = substr($0, index($0 end, end)) } !seen[options]++'
}

# list_sshd_units: by content, since a unit may have any name.
list_sshd_units() {
  local folder patterns=()
  for folder in "${SYSTEMD_FOLDERS[@]}"; do patterns+=("$folder"/*.service "$folder"/*.service.d/*.conf); done
  search grep -lE '(^|[^[:alnum:]_.-])sshd([[:space:]"'\'';]|$)' "${patterns[@]}" |
    sed -E 's|/[^/]*\.conf$||; s|\.d$||; s|.*/||' | sort -u
}

# list_starts_of UNIT
list_starts_of() {
  local list files settings key value commands=() environment_files=()
  list=$(set -e && list_unit_files "$1")
  [ -n "$list" ] || return 0
  mapfile -t files <<<"$list"
  settings=$(list_service_settings "${files[@]}")
  UNIT_ENVIRONMENT=()
  # An empty value takes back what was said before.
  while IFS=$'\t' read -r key value; do
    case $key:$value in
      ExecStart:) commands=() ;;
      ExecStart:*) commands+=("$value") ;;
      Environment:) UNIT_ENVIRONMENT=() ;;
      Environment:*) load_environment "$value" ;;
      EnvironmentFile:) environment_files=() ;;
      EnvironmentFile:*) environment_files+=("$value") ;;
    esac
  done <<<"$settings"
  # What a file says wins over Environment=.
  for value in ${environment_files[@]+"${environment_files[@]}"}; do load_environment_files "$value"; done
  for value in ${commands[@]+"${commands[@]}"}; do print_sshd_start "$1" "$value"; done
}

# The scripts of /etc/init.d read the same files.
list_init_script_starts() {
  UNIT_ENVIRONMENT=()
  load_environment_files '-/etc/default/ssh /etc/sysconfig/sshd'
  # shellcheck disable=SC2016
  print_sshd_start sshd 'sshd $SSHD_OPTS $OPTIONS'
}

# load_environment TEXT: `NAME=value` words.
load_environment() {
  local word
  split_words split "$1" || cannot_read "$1"
  for word in ${WORDS[@]+"${WORDS[@]}"}; do
    if [[ $word =~ ^([A-Za-z_][A-Za-z0-9_]*)=(.*)$ ]]; then UNIT_ENVIRONMENT[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]}; fi
  done
}

# load_environment_files PATTERN: after a `-`, it need not be there.
load_environment_files() {
  local file lines line
  # shellcheck disable=SC2086
  for file in ${1#-}; do
    if [ "${1#-}" != "$1" ] && [ ! -e "$file" ]; then continue; fi
    lines=$(set -e && read_environment_file "$file")
    while IFS= read -r line; do
      if [ -n "$line" ]; then UNIT_ENVIRONMENT[${line%%=*}]=${line#*=}; fi
    done <<<"$lines"
  done
}

# print_sshd_start UNIT COMMAND: prints nothing if the command is about something else than sshd.
print_sshd_start() {
  local command=$2 prefix
  prefix=${command%%[!@:+!|-]*}
  split_words split "${command#"$prefix"}" || cannot_read "$2"
  case $prefix in *:*) ;; *) expand_words ;; esac
  case $prefix in *@*) WORDS=("${WORDS[0]-}" "${WORDS[@]:2}") ;; esac
  case ${WORDS[0]##*/} in
    sshd) print_options "$1" "${WORDS[@]:1}" ;;
    *)
      case "$1 $2 " in
        ssh.service* | sshd.service* | ssh@.service* | sshd@.service* | */sshd[[:space:]\"\'\;]*) cannot_read "$2" ;;
      esac
      ;;
  esac
}

# expand_words: a word `$NAME` becomes the words of its value, `${NAME}` the value within its word.
expand_words() {
  local word rest expanded=() command=(${WORDS[@]+"${WORDS[@]}"})
  for word in ${command[@]+"${command[@]}"}; do
    if [[ $word =~ ^\$([A-Za-z_][A-Za-z0-9_]*)$ ]]; then
      split_words split "${UNIT_ENVIRONMENT[${BASH_REMATCH[1]}]-}" || cannot_read "$word"
      expanded+=(${WORDS[@]+"${WORDS[@]}"})
      continue
    fi
    rest=$word
    word=''
    while [[ $rest =~ ^([^\$]*)\$\{([A-Za-z_][A-Za-z0-9_]*)\}(.*)$ ]]; do
      word=$word${BASH_REMATCH[1]}${UNIT_ENVIRONMENT[${BASH_REMATCH[2]}]-}
      rest=${BASH_REMATCH[3]}
    done
    expanded+=("$word${rest//\$\$/\$}")
  done
  WORDS=(${expanded[@]+"${expanded[@]}"})
}

# print_options UNIT WORD…: without those that only say how sshd runs (-D, -e, -i, …).
print_options() {
  local unit=$1 letter OPTIND=1 OPTARG
  shift
  printf '%s' "$unit"
  while getopts ':46C:E:b:c:f:g:h:k:o:p:u:DGQRTdeiqrtV' letter "$@"; do
    case $letter in
      4 | 6) printf '%s%s' "$WORD_END" "-$letter" ;;
      c | f | g | h | o | p) printf '%s%s' "$WORD_END" "-$letter" "$WORD_END" "$OPTARG" ;;
      '?' | :) cannot_read "sshd $*" ;;
      *) ;;
    esac
  done
  [ "$OPTIND" -gt $# ] || cannot_read "sshd $*"
  printf '\n'
}

cannot_read() {
  printf 'how sshd is started cannot be told from "%s"\n' "$1" >&2
  return 1
}
