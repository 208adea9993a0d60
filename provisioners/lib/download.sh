#!/usr/bin/env bash
# Fetches a file whose checksum is known. Needs common.sh.

DOWNLOAD_LIMIT_SECONDS=300
DOWNLOAD_TRIES=3

# download_file URL SHA256 PATH: by whichever tool there is. A file that is not the expected one is removed again.
download_file() {
  local url=$1 sha256=$2 path=$3 try
  for ((try = 1; try <= DOWNLOAD_TRIES; try++)); do
    if fetch_once "$url" "$path"; then break; fi
    [ "$try" -lt "$DOWNLOAD_TRIES" ] || die "$url could not be fetched"
    sleep "$try"
  done
  (assert_checksum "$path" "$sha256" "$url") || {
    rm -f "$path"
    exit 1
  }
}

# assert_checksum PATH SHA256 NAME
assert_checksum() {
  local found
  found=$(sha256sum <"$1")
  [ "${found%% *}" = "$2" ] || die "$3 has the checksum ${found%% *}, not $2"
}

fetch_once() {
  if has_command curl; then
    timeout "$DOWNLOAD_LIMIT_SECONDS" curl -fsSL -o "$2" -- "$1"
  elif has_command wget; then
    timeout "$DOWNLOAD_LIMIT_SECONDS" wget -q -O "$2" -- "$1"
  elif has_command python3; then
    timeout "$DOWNLOAD_LIMIT_SECONDS" python3 -c 'import sys, urllib.request as u; u.urlretrieve(sys.argv[1], sys.argv[2])' "$1" "$2"
  else
    die "fetching a file needs curl, wget or python3 in the image"
  fi
}
