#!/usr/bin/env bash
# Puts an uploaded file, or the contents of an uploaded folder, where it belongs. Runs as root on the build instance.
# Folders that exist keep their owner and mode: `cp -a rootfs/. /` would give / the mode of rootfs.
set -euo pipefail
shopt -s globstar dotglob nullglob

source=$BUILDIMG_SOURCE
destination=$BUILDIMG_DESTINATION
owner=${BUILDIMG_OWNER%%:*}
group=${BUILDIMG_OWNER#*:}

main() {
  if [ -d "$source" ]; then
    install_folder
  elif [ -f "$source" ]; then
    ensure_folder "$(dirname -- "$destination")"
    install_file "$source" "$destination"
  else
    printf 'buildimg: %s was not uploaded\n' "$source" >&2
    exit 1
  fi
}

install_folder() {
  local path
  ensure_folder "$destination"
  for path in "$source"/**; do
    if [ -f "$path" ]; then
      ensure_folder "$(dirname -- "${destination%/}/${path#"$source"/}")"
      install_file "$path" "${destination%/}/${path#"$source"/}"
    fi
  done
}

# Only what is missing is made, and belongs to the owner asked for.
ensure_folder() {
  [ -d "$1" ] && return 0
  ensure_folder "$(dirname -- "$1")"
  install -d -m 0755 -o "$owner" -g "$group" -- "$1"
}

install_file() {
  install -T -m "${BUILDIMG_MODE:-$(get_mode "$1")}" -o "$owner" -g "$group" -- "$1" "$2"
}

# A strict umask of the login user narrows what scp writes, but never takes its executable bit away.
get_mode() {
  if [ -x "$1" ]; then echo 0755; else echo 0644; fi
}

main
