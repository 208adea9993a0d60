#!/usr/bin/env bash
# For verify.sh: collects every miss, so that one run shows them all. Controls are named as in the check catalogue. What
# could not be looked at is a miss too.

# shellcheck source=look.sh disable=SC2154
. "$here/../lib/look.sh"

MISSES=0

# miss CONTROL TEXT...: the control does not hold, and why.
miss() {
  local control=$1
  shift
  MISSES=$((MISSES + 1))
  printf 'FAIL  %s  %s\n' "$control" "$*" >&2
}

# finish_checks NAME: exit 0 if nothing was missed, else 1.
finish_checks() {
  if [ "$MISSES" -gt 0 ]; then
    printf '%s: %s controls do not hold\n' "$1" "$MISSES" >&2
    exit 1
  fi
  printf '%s: all controls hold\n' "$1"
  exit 0
}

# see CONTROL COMMAND…: SEEN becomes what the command prints; a command that fails is a miss.
see() {
  local control=$1
  shift
  look "$@"
  [ -z "$BLIND" ] || miss "$control" "could not be looked at: $BLIND"
}

# check_listed CONTROL TEXT COMMAND…: every line that the command prints is a miss.
check_listed() {
  local control=$1 text=$2 line
  shift 2
  see "$control" "$@"
  while IFS= read -r line; do
    [ -z "$line" ] || miss "$control" "$line $text"
  done <<<"$SEEN"
}

# check_absent CONTROL PATH...: none of the paths exists; a dangling link counts as existing.
check_absent() {
  local control=$1
  shift
  check_listed "$control" exists search find "$@" -maxdepth 0 -print
}

# check_empty_folders CONTROL FOLDER…: those that exist have nothing in them.
check_empty_folders() {
  local control=$1
  shift
  check_listed "$control" 'is not empty' list_non_empty_folders "$@"
}

list_non_empty_folders() {
  search find -H "$@" -mindepth 1 -maxdepth 1 -printf '%h\n' | sort -u
}
