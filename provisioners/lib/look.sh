#!/usr/bin/env bash
# Looking at an image. "Could not be read" is not "is not there": every look ends with an answer, or with the reason why
# there is none. Needs common.sh.

# look COMMAND…: SEEN becomes what the command prints; BLIND says why it failed, and is empty if it did not.
# shellcheck disable=SC2034
look() {
  local answer status complaints
  [ $# -gt 0 ] || die "there is nothing to look by"
  # By a process substitution: in a command substitution within a condition bash goes on after an error, whatever -e says.
  IFS= read -r -d '' answer < <(set +e && answer_look "$@") || :
  complaints=${answer%%$'\036'*}
  answer=${answer#*$'\036'}
  status=${answer%%$'\036'*}
  SEEN=${answer#*$'\036'}
  BLIND=''
  complaints=${complaints%$'\n'}
  if [ "$status" = 0 ]; then
    [ -z "$complaints" ] || printf '%s\n' "$complaints" >&2
    return 0
  fi
  complaints=${complaints//$'\n'/; }
  BLIND=${complaints:-$1 ended with status $status and gave no reason}
}

# First what the command complains of, then its status, then what it prints.
answer_look() {
  { seen=$(set -e && "$@" 2>&3 </dev/null); } 3>&1
  printf '\036%s\036%s' "$?" "$seen"
}

# must_see COMMAND…: look, for a script that cannot go on without the answer.
must_see() {
  look "$@"
  [ -z "$BLIND" ] || die "could not look at the image: $BLIND"
}

# search COMMAND…: what find, grep, sed or cat print. A path that does not exist holds nothing, and grep may find nothing.
# Everything else that stands in the way fails: a folder that cannot be read, a file that is none, a missing command.
search() {
  local complaints status=0 line unread=''
  { complaints=$("$@" 2>&1 >&3 3>&-) || status=$?; } 3>&1
  [ "$status" -ne 0 ] || return 0
  while IFS= read -r line; do
    case $line in '' | *': No such file or directory' | *': Not a directory') ;; *) unread="$unread$line"$'\n' ;; esac
  done <<<"$complaints"
  if [ -n "$unread" ]; then
    printf '%s' "$unread" >&2
    return "$status"
  fi
  if [ -z "$complaints" ] && [ "$1:$status" != grep:1 ]; then
    printf '%s ended with status %s and gave no reason\n' "$1" "$status" >&2
    return "$status"
  fi
}

# list_drop_ins SUFFIX FOLDER…: files in the order in which systemd and its kin read them: by name, wherever they lie; of
# two with one name, the first folder hides the other.
list_drop_ins() {
  local suffix=$1 folder file seen=$'\n'
  shift
  for folder in "$@"; do
    for file in "$folder"/*"$suffix"; do
      if [ ! -e "$file" ] && [ ! -L "$file" ]; then continue; fi
      case $seen in *$'\n'"${file##*/}"$'\n'*) continue ;; esac
      seen="$seen${file##*/}"$'\n'
      printf '%s\t%s\n' "${file##*/}" "$file"
    done
  done | sort -s -t $'\t' -k 1,1 | cut -f 2-
}
