#!/usr/bin/env bash
# Credentials of this instance, before the application starts. Part of the image; run by buildimg-first-boot.service at
# every boot, and does nothing where they were made already. Any doubt ends it with 1, and the application stays down.
# The password is on stdin of the hooks and in the place that was chosen: never an argument, a variable of the
# environment, or a line of a log.
set -euo pipefail
umask 077
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../../lib/imds.sh
. "$here/imds.sh"

CONFIG=/etc/buildimg/first-boot.conf
HOOKS=/usr/lib/buildimg/first-boot.d
STATE=/var/lib/buildimg/first-boot
PASSWORD_LENGTH=24
ENTROPY_LIMIT_SECONDS=120
PARAMETER_LIMIT_SECONDS=120

main() {
  local instance password=''
  read_config
  imds_connect || fail "the metadata service gives no token; the launch must not disable it"
  instance=$(imds_instance_id) || fail "the metadata service names no instance"
  mkdir -p "$STATE"
  if ! needs_credentials "$instance"; then
    say "nothing to do on $instance"
    return 0
  fi

  password=$(make_password "$instance")
  publish_password "$instance" "$password"
  run_hooks "$instance" "$password"
  # Last: a crash before this line means that everything is done again.
  write_state instance-id "$instance"
  say "credentials of $user are in force on $instance ($strategy)"
}

# KEY=VALUE lines, taken as text.
read_config() {
  local key value
  user='' strategy='' rotate='' credentials_file='' parameter_path=''
  while IFS='=' read -r key value; do
    case $key in
      user) user=$value ;;
      strategy) strategy=$value ;;
      rotate) rotate=$value ;;
      credentials_file) credentials_file=$value ;;
      parameter_path) parameter_path=$value ;;
    esac
  done <"$CONFIG" || fail "$CONFIG cannot be read"
  case "$strategy:$rotate" in
    random-file:* | ssm-parameter:* | instance-id:* | none:*) ;;
    *) fail "$CONFIG names no strategy" ;;
  esac
  [ -n "$user" ] || fail "$CONFIG names no user"
}

# needs_credentials INSTANCE: always on a machine that has none. On one made from the disk of another instance, the
# policy decides.
needs_credentials() {
  local earlier=''
  if [ ! -s "$STATE/instance-id" ]; then return 0; fi
  read -r earlier <"$STATE/instance-id" || true
  [ "$earlier" != "$1" ] || return 1
  case $rotate in
    lineage) return 1 ;;
    if-initial) [ -e "$(initial_marker)" ] ;;
    *) return 0 ;;
  esac
}

# The owner removes it after changing the password.
initial_marker() {
  if [ "$strategy" = random-file ]; then printf '%s' "$credentials_file"; else printf '%s' "$STATE/initial"; fi
}

make_password() {
  local random
  case $strategy in
    none) ;;
    instance-id) printf '%s' "$1" ;;
    *)
      # /dev/urandom answers before it is seeded; the first byte of /dev/random says that it is.
      timeout "$ENTROPY_LIMIT_SECONDS" head -c 1 /dev/random >/dev/null || fail "the kernel has no randomness"
      random=$(head -c 96 /dev/urandom | base64 -w 0)
      random=${random//[^A-Za-z0-9]/}
      random=${random:0:PASSWORD_LENGTH}
      [ "${#random}" -eq "$PASSWORD_LENGTH" ] || fail "no password could be made"
      printf '%s' "$random"
      ;;
  esac
}

# publish_password INSTANCE PASSWORD: before it is in force, so that none is in force that nobody can know.
publish_password() {
  case $strategy in
    random-file)
      mkdir -p "$(dirname "$credentials_file")"
      printf 'user=%s\npassword=%s\n' "$user" "$2" | replace_file "$credentials_file"
      ;;
    ssm-parameter)
      put_parameter "$1" "$2"
      write_state initial "$1"
      ;;
    *) write_state initial "$1" ;;
  esac
}

# The CLI reads the request from stdin. User, path and password have no character that JSON would need escaped.
put_parameter() {
  local region
  region=$(imds_get placement/region) || fail "the metadata service names no region"
  printf '{"Name":"%s/%s/%s","Type":"SecureString","Overwrite":true,"Value":"%s"}' \
    "$parameter_path" "$1" "$user" "$2" |
    AWS_DEFAULT_REGION=$region timeout "$PARAMETER_LIMIT_SECONDS" \
      aws ssm put-parameter --cli-input-json file:///dev/stdin >/dev/null ||
    fail "the parameter could not be written; the instance profile must allow ssm:PutParameter on it"
}

# run_hooks INSTANCE PASSWORD: in the order of their names. A hook that fails, or could not run, stops everything; one that
# does not read the password is as good, so who writes it is not asked how that went.
run_hooks() {
  local hook
  for hook in "$HOOKS"/*; do
    [ -f "$hook" ] || continue
    [ -x "$hook" ] || fail "$hook is not executable"
    say "running ${hook##*/}"
    BUILDIMG_USER=$user BUILDIMG_INSTANCE_ID=$1 "$hook" < <(printf '%s' "$2" 2>/dev/null) || fail "$hook failed"
  done
}

write_state() {
  printf '%s\n' "$2" | replace_file "$STATE/$1"
}

# replace_file PATH <TEXT: whole or not at all, and only root reads it.
replace_file() {
  local new
  new=$(mktemp "$1.XXXXXX")
  cat >"$new"
  chmod 0400 "$new"
  sync "$new" 2>/dev/null || sync
  mv -f "$new" "$1"
}

say() {
  printf 'buildimg-first-boot: %s\n' "$*"
}

fail() {
  printf 'buildimg-first-boot: %s\n' "$*" >&2
  exit 1
}

main
