#!/usr/bin/env bash
# CLD-009: never by a pipe into a shell; what is fetched has a checksum.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/common.sh
. "$here/../lib/common.sh"
# shellcheck source=../lib/distro.sh
. "$here/../lib/distro.sh"
# shellcheck source=../lib/packages.sh
. "$here/../lib/packages.sh"
# shellcheck source=../lib/runtime.sh
. "$here/../lib/runtime.sh"
# shellcheck source=../lib/download.sh
. "$here/../lib/download.sh"

# shellcheck source=agent.sh
. "$here/agent.sh"

CLOUD_INIT_LIMIT_SECONDS=600

main() {
  local unit
  require_root
  wait_for_cloud_init "$CLOUD_INIT_LIMIT_SECONDS"
  unit=$(agent_unit)
  if [ -z "$unit" ]; then
    install_agent
    unit=$(agent_unit)
    [ -n "$unit" ] || die "the package was installed, but brought no $PACKAGE_UNIT"
  fi
  # A package that was masked or switched off on the way stays so unless told otherwise.
  if [ "$UNIT_FOLDER/$unit" -ef /dev/null ]; then rm -f "$UNIT_FOLDER/$unit"; fi
  systemctl --quiet enable "$unit"
  run_verify "$here"
}

install_agent() {
  local url source sha256
  url=$(option URL '')
  source=$(option SOURCE '')
  sha256=$(option SHA256 '')
  if [ -n "$source" ]; then
    [ -f "$source" ] || die "source: there is no $source; put it there by a \`file\` step before this one"
    [ -z "$sha256" ] || assert_checksum "$source" "$sha256" "$source"
    install_file "$source"
  elif [ -n "$url" ]; then
    [ -n "$sha256" ] || die "url: sha256 must be given as well"
    install_downloaded "$url" "$sha256"
  elif [ "$(distro_family)" = amazon ]; then
    install_packages amazon-ssm-agent
  else
    die "this distribution has no package of the SSM agent; give url and sha256, or source"
  fi
}

install_downloaded() {
  local folder file
  folder=$(mktemp -d)
  # apt fetches as a user of its own, and only takes files that it can read.
  chmod 0755 "$folder"
  file="$folder/${1##*/}"
  download_file "$1" "$2" "$file"
  install_file "$file"
  rm -rf "$folder"
}

install_file() {
  case $PACKAGE_MANAGER in
    # The packages of the agent bring no signature; the checksum stands for it.
    apt) apt install --no-install-recommends "$1" ;;
    *) dnf_or_yum install --nogpgcheck "$1" ;;
  esac
}

main
