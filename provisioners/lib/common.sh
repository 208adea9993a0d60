#!/usr/bin/env bash
# Sourced by every apply.sh and verify.sh. Bash 4.2 (Amazon Linux 2) must be able to run everything in this folder, and
# nothing here may need more than coreutils, since minimal images have no diffutils, python or findutils' extras.

# Over SSH without a terminal, PATH may lack the sbin folders, where usermod and sshd live.
export PATH="${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Messages of tools are matched below, so they must not be translated.
export LC_ALL=C
umask 022

# A builder that has gone away must not end a script half-way; see ignore_hang_up.
log() {
  printf 'buildimg: %s\n' "$*" || :
}

warn() {
  printf 'buildimg: warning: %s\n' "$*" >&2 || :
}

die() {
  printf 'buildimg: %s\n' "$*" >&2
  exit 1
}

# option NAME DEFAULT: the option as the config gave it (BUILDIMG_NAME). A list is one value a line.
option() {
  local variable="BUILDIMG_$1"
  printf '%s' "${!variable-$2}"
}

# option_enum NAME DEFAULT VALUE...: like option, and refuses anything but the values (the default is one of them).
option_enum() {
  local name=$1 default=$2 value allowed
  shift 2
  value=$(option "$name" "$default")
  for allowed in "$@"; do
    if [ "$value" = "$allowed" ]; then
      printf '%s' "$value"
      return 0
    fi
  done
  die "BUILDIMG_$name: \"$value\" is not one of: $*"
}

# From here on the script goes on to its end even when the connection that started it is lost: half of it is worse than
# all of it.
ignore_hang_up() {
  trap '' HUP PIPE
}

require_root() {
  [ "$(id -u)" -eq 0 ] || die "must run as root, not as $(id -un)"
}

has_command() {
  command -v "$1" >/dev/null 2>&1
}

# False in a chroot or a container build, where there is no service manager to talk to.
is_booted() {
  [ -d /run/systemd/system ]
}

# is_non_empty_folder PATH: asked by the shell itself, since every process takes its time on a small instance.
is_non_empty_folder() {
  local path
  for path in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    if [ -e "$path" ] || [ -L "$path" ]; then return 0; fi
  done
  return 1
}

# write_file PATH MODE OWNER: stdin becomes the file, whole or not at all; an equal file is not written again.
write_file() {
  local path=$1 mode=$2 owner=$3 folder=${1%/*} new sums
  [ -d "$folder" ] || mkdir -p "$folder"
  new=$(mktemp "$folder/.buildimg.XXXXXX")
  cat >"$new"
  if [ -f "$path" ]; then
    sums=$(sha256sum <"$new" && sha256sum <"$path")
    if [ "${sums%%$'\n'*}" = "${sums##*$'\n'}" ]; then
      rm -f "$new"
      chmod "$mode" "$path"
      chown "$owner" "$path"
      return 0
    fi
  fi
  chmod "$mode" "$new"
  chown "$owner" "$new"
  mv -f "$new" "$path"
  restore_context "$path"
  log "wrote $path"
}

# Files made by hand have the label of the folder that they were made in, which stops sshd and journald under SELinux.
restore_context() {
  if has_command restorecon && [ -e /sys/fs/selinux/enforce ]; then
    restorecon -RF "$@" || warn "restorecon failed for: $*"
  fi
}

# wait_for_cloud_init SECONDS: its package installs and user creation race with ours until it has finished.
wait_for_cloud_init() {
  local limit=$1 status=0
  is_booted && has_command cloud-init || return 0
  # Written when its last stage has ended, and asked first: the command below starts a Python only to say the same.
  [ ! -e /run/cloud-init/result.json ] || return 0
  timeout "$limit" cloud-init status --wait >/dev/null 2>&1 || status=$?
  case $status in
    0) ;;
    124) die "cloud-init did not finish within $limit s; see /var/log/cloud-init-output.log on the instance" ;;
    *) warn "cloud-init finished with problems (status $status); going on" ;;
  esac
}

# run_verify FOLDER: a provisioner that does not hold what it promises fails the build at once, not at the scan.
run_verify() {
  bash "$1/verify.sh" || die "$(basename "$1"): applied, but its own verification failed"
}
