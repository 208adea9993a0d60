#!/usr/bin/env bash
# Where the environment is and what must be in it. Needs common.sh.
# shellcheck disable=SC2034

NAME=$(option NAME '')
[ -n "$NAME" ] || die "name: must be given"
VENV=/opt/$NAME
STAMP=$VENV/.buildimg
LINK_FOLDER=/usr/local/bin

# describe_wanted: everything that decides what the environment holds; a change makes it anew.
describe_wanted() {
  local name
  for name in PYTHON PACKAGES SOURCE FIND_LINKS USE_INDEX; do
    printf '%s=%s\n' "$name" "$(option "$name" '')"
  done
  if [ -f "$(option SOURCE '')" ]; then sha256sum <"$(option SOURCE '')"; fi
}

# list_commands: those asked for, or all of the packages that were asked for by name, not of what came along.
list_commands() {
  local commands
  commands=$(option COMMANDS '')
  if [ -n "$commands" ]; then
    printf '%s\n' "$commands"
    return 0
  fi
  list_package_names | "$VENV/bin/python" -I -c '
import importlib.metadata, re, sys
normalize = lambda name: re.sub(r"[-_.]+", "-", name).lower()
wanted = {normalize(line.strip()) for line in sys.stdin}
for package in importlib.metadata.distributions():
    if normalize(package.metadata["Name"]) in wanted:
        for entry in package.entry_points:
            if entry.group == "console_scripts":
                print(entry.name)'
}

list_package_names() {
  local package source
  while IFS= read -r package; do
    [ -z "$package" ] || printf '%s\n' "${package%%[^A-Za-z0-9._-]*}"
  done <<<"$(option PACKAGES '')"
  source=$(option SOURCE '')
  source=${source##*/}
  case $source in
    *.whl) printf '%s\n' "${source%%-*}" ;;
    ?*) printf '%s\n' "${source%-*}" ;;
  esac
}
