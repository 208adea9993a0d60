#!/usr/bin/env bash
# For verify.sh: collects every miss, so that one run shows them all. Controls are named as in the check catalogue.

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

# check_absent CONTROL PATH...: none of the paths exists; a dangling link counts as existing.
check_absent() {
  local control=$1 path
  shift
  for path in "$@"; do
    if [ -e "$path" ] || [ -L "$path" ]; then
      miss "$control" "$path exists"
    fi
  done
}

# check_listed CONTROL TEXT <<<LINES: every line is a miss. Not at the end of a pipe, where the count would be lost.
check_listed() {
  local control=$1 text=$2 line
  while IFS= read -r line; do
    [ -z "$line" ] || miss "$control" "$line $text"
  done
}
