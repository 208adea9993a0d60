#!/usr/bin/env bash
# Python programs in an environment of their own. Why not pip or pipx for the system, and why no copies: README.md.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/common.sh
. "$here/../lib/common.sh"
# shellcheck source=../lib/distro.sh
. "$here/../lib/distro.sh"
# shellcheck source=../lib/packages.sh
. "$here/../lib/packages.sh"

# shellcheck source=environment.sh
. "$here/environment.sh"

CLOUD_INIT_LIMIT_SECONDS=600
PIP_LIMIT_SECONDS=1800

main() {
  local python
  require_root
  option_enum USE_INDEX true true false >/dev/null
  [ -n "$(option PACKAGES '')$(option SOURCE '')" ] || die "packages or source must be given"
  if [ -n "$(option SOURCE '')" ] && [ ! -f "$(option SOURCE '')" ]; then
    die "source: there is no $(option SOURCE ''); put it there by a \`file\` step before this one"
  fi
  wait_for_cloud_init "$CLOUD_INIT_LIMIT_SECONDS"
  python=$(option PYTHON python3)
  ensure_interpreter "$python"
  python=$(find_versioned_interpreter "$python")
  if [ "$(cat "$STAMP" 2>/dev/null || true)" != "$(describe_wanted)" ]; then
    make_environment "$python"
  fi
  keep_interpreter "$python"
  link_commands
  run_verify "$here"
}

# Debian keeps what makes environments in a package apart.
ensure_interpreter() {
  if has_command "$1" && "$1" -I -c 'import ensurepip, venv' 2>/dev/null; then return 0; fi
  refresh_package_lists
  if [ "$(distro_family)" = debian ]; then
    install_packages "$1" "$1-venv"
  else
    install_packages "$1"
  fi
}

# `python3` means another version after an upgrade of the system, `python3.11` never does.
find_versioned_interpreter() {
  local version
  version=$("$1" -I -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  [ "${version#3.}" -ge 8 ] || die "python: Python $version is too old; choose a newer one, for example python3.11"
  command -v "python$version" || command -v "$1"
}

make_environment() {
  local packages=() options=() line
  while IFS= read -r line; do
    [ -z "$line" ] || packages+=("$line")
  done <<<"$(option PACKAGES '' && printf '\n' && option SOURCE '')"
  if [ "$(option USE_INDEX true)" = false ]; then options+=(--no-index); fi
  if [ -n "$(option FIND_LINKS '')" ]; then options+=(--find-links "$(option FIND_LINKS '')"); fi

  "$1" -I -m venv --clear "$VENV"
  timeout "$PIP_LIMIT_SECONDS" "$VENV/bin/python" -I -m pip install --quiet --no-input --no-cache-dir \
    --disable-pip-version-check ${options[@]+"${options[@]}"} -- "${packages[@]}" </dev/null ||
    die "pip could not install ${packages[*]}"
  # Last, so that an environment that was not finished is made anew.
  describe_wanted >"$STAMP"
  log "made $VENV by $1"
}

# The interpreter came along with something else, and would go with it.
keep_interpreter() {
  case $PACKAGE_MANAGER in
    apt) apt-mark -qq manual "${1##*/}" >/dev/null 2>&1 || true ;;
    dnf) dnf -q mark install "${1##*/}" >/dev/null 2>&1 || true ;;
  esac
}

link_commands() {
  local command link commands
  commands=$(list_commands)
  [ -n "$commands" ] || die "the packages bring no programs; name them under commands"
  mkdir -p "$LINK_FOLDER"
  for command in $commands; do
    link=$LINK_FOLDER/$command
    [ -x "$VENV/bin/$command" ] || die "commands: the environment has no $command"
    if [ -e "$link" ] && [ "$(readlink -- "$link" || true)" != "$VENV/bin/$command" ]; then
      die "$link is there already and is not this environment's"
    fi
    ln -sfn "$VENV/bin/$command" "$link"
  done
}

main
