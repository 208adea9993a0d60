#!/usr/bin/env bash
# The public keys of this launch, once an instance. Part of the image; run by buildimg-public-key.service before sshd
# answers. What was there stays, so an owner's own keys survive; a key that the owner removed does not come back.
set -euo pipefail
umask 077
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../../lib/imds.sh
. "$here/imds.sh"

USER_FILE=/etc/buildimg/public-key.user
STATE=/var/lib/buildimg/public-key

main() {
  local user instance keys
  read -r user <"$USER_FILE" || fail "$USER_FILE cannot be read"
  imds_connect || fail "the metadata service gives no token"
  instance=$(imds_instance_id) || fail "the metadata service names no instance"
  if [ "$(cat "$STATE/instance-id" 2>/dev/null || true)" = "$instance" ]; then return 0; fi

  keys=$(fetch_keys) || fail "the metadata service did not answer"
  if [ -n "$keys" ]; then
    add_keys "$user" "$keys"
  else
    printf 'buildimg-public-key: this instance was launched without a key pair\n'
  fi
  mkdir -p "$STATE"
  printf '%s\n' "$instance" >"$STATE/instance-id.new"
  mv -f "$STATE/instance-id.new" "$STATE/instance-id"
}

# fetch_keys: one a line. The list has lines like `0=name`.
fetch_keys() {
  local list number key status=0
  list=$(imds_get public-keys/) || status=$?
  [ "$status" -ne "$IMDS_NOT_FOUND" ] || return 0
  [ "$status" -eq 0 ] || return 1
  for number in $list; do
    number=${number%%=*}
    [[ $number =~ ^[0-9]+$ ]] || continue
    key=$(imds_get "public-keys/$number/openssh-key") || return 1
    # Whatever else comes along is not a key, and options in front of one would be orders to sshd.
    while IFS= read -r key; do
      if [[ $key =~ ^(ssh-|ecdsa-sha2-|sk-)[a-z0-9@.-]+\ [A-Za-z0-9+/=]+(\ .*)?$ ]]; then printf '%s\n' "$key"; fi
    done <<<"$key"
  done
}

# add_keys USER KEYS: as that user, so that no link in its home leads root anywhere.
add_keys() {
  # shellcheck disable=SC2016
  printf '%s\n' "$2" | runuser -u "$1" -- sh -c '
    umask 077
    home=$(getent passwd "$(id -un)" | cut -d: -f6)
    mkdir -p "$home/.ssh" && chmod 0700 "$home/.ssh" && cd "$home/.ssh" || exit 1
    touch authorized_keys && chmod 0600 authorized_keys || exit 1
    # A last line without its end would swallow the first key.
    [ ! -s authorized_keys ] || [ -z "$(tail -c 1 authorized_keys)" ] || echo >>authorized_keys
    while IFS= read -r key; do
      grep -qxF -- "$key" authorized_keys || printf "%s\n" "$key" >>authorized_keys
    done' || fail "the keys could not be written for $1"
  printf 'buildimg-public-key: %s can log in with the key pair of this launch\n' "$1"
}

fail() {
  printf 'buildimg-public-key: %s\n' "$*" >&2
  exit 1
}

main
