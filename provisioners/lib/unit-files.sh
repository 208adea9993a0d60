#!/usr/bin/env bash
# Units of systemd as it reads them (systemd.unit(5), systemd.syntax(7), systemd.exec(5)), from their files: in a chroot
# there is no systemd to ask. Needs common.sh and look.sh.

SYSTEMD_FOLDERS=(/etc/systemd/system /run/systemd/system /usr/local/lib/systemd/system /usr/lib/systemd/system
  /lib/systemd/system)

# list_unit_files UNIT: its file and its drop-ins, in the order of reading. Nothing where it is masked, or is only
# another name of a unit.
list_unit_files() {
  local folder file='' name names folders=()
  for folder in "${SYSTEMD_FOLDERS[@]}"; do
    if [ -e "$folder/$1" ] || [ -L "$folder/$1" ]; then
      file=$folder/$1
      break
    fi
  done
  # An empty file masks as /dev/null does.
  [ -n "$file" ] && [ -s "$file" ] || return 0
  name=$(readlink -f -- "$file")
  [ "${name##*/}" = "$1" ] || return 0
  names=$(search find "${SYSTEMD_FOLDERS[@]}" -maxdepth 1 -type l \( -lname "*/$1" -o -lname "$1" \) -printf '%f\n' | sort -u)
  # Drop-ins of its other names count as well, and so do those of all services.
  for name in "$1" $names service; do
    for folder in "${SYSTEMD_FOLDERS[@]}"; do folders+=("$folder/$name.d"); done
  done
  printf '%s\n' "$file"
  list_drop_ins .conf "${folders[@]}"
}

# list_service_settings FILE…: `key<tab>value` for every line of their [Service] sections that decides what is started.
list_service_settings() {
  awk '
    FNR == 1 { section = ""; joined = "" }
    { sub(/\r$/, "") }
    /^[ \t]*[#;]/ { next }
    {
      line = joined $0
      if (line ~ /\\$/) { joined = substr(line, 1, length(line) - 1) " "; next }
      joined = ""
      sub(/^[ \t]+/, "", line)
      if (line ~ /^\[/) { section = line; sub(/[ \t]+$/, "", section); next }
      at = index(line, "=")
      if (section != "[Service]" || at == 0) next
      key = substr(line, 1, at - 1); sub(/[ \t]+$/, "", key)
      value = substr(line, at + 1); sub(/^[ \t]+/, "", value); sub(/[ \t]+$/, "", value)
      if (key ~ /^(ExecStart|Environment|EnvironmentFile)$/) print key "\t" value
    }' "$@"
}

# read_environment_file PATH: `NAME=value` lines, without quotes. Other lines mean nothing to systemd.
read_environment_file() {
  local text line
  text=$(cat -- "$1")
  text=${text//\\$'\n'/}
  while IFS= read -r line; do
    line=${line%$'\r'}
    [[ $line =~ ^[[:space:]]*([A-Za-z_][A-Za-z0-9_]*)[[:space:]]*=[[:space:]]*(.*)$ ]] || continue
    split_words whole "${BASH_REMATCH[2]%"${BASH_REMATCH[2]##*[![:space:]]}"}" || {
      printf '%s: a quote is not closed: %s\n' "$1" "${BASH_REMATCH[1]}" >&2
      return 1
    }
    printf '%s=%s\n' "${BASH_REMATCH[1]}" "${WORDS[0]-}"
  done <<<"$text"
}

# split_words split|whole TEXT: WORDS becomes the words of the text without their quotes; `whole` takes blanks for a part of
# the only word. Status 1: a quote is not closed.
split_words() {
  local text=$2 at letter quote='' word='' is_word=no
  WORDS=()
  for ((at = 0; at < ${#text}; at++)); do
    letter=${text:at:1}
    if [ "$letter" = \\ ] && [ "$quote" != "'" ]; then
      at=$((at + 1))
      word=$word${text:at:1}
      is_word=yes
    elif [ -n "$quote" ]; then
      if [ "$letter" = "$quote" ]; then quote=''; else word=$word$letter; fi
    elif [ "$letter" = \" ] || [ "$letter" = "'" ]; then
      quote=$letter
      is_word=yes
    elif [ "$1" = split ] && [[ $letter == [[:space:]] ]]; then
      if [ "$is_word" = yes ]; then WORDS+=("$word"); fi
      word=''
      is_word=no
    else
      word=$word$letter
      is_word=yes
    fi
  done
  if [ "$is_word" = yes ]; then WORDS+=("$word"); fi
  [ -z "$quote" ]
}
