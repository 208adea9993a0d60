#!/usr/bin/env bash
# Writes what a scan reads of this machine into one archive, before it is sealed and nothing may connect any more: a list
# of every entry, and the contents of what is configured rather than installed. Runs as root; changes nothing.
set -euo pipefail
export LC_ALL=C
umask 077

archive=$1
# A tmpfs, and left out of the list like everything else that no image holds.
work=$(mktemp -d /run/buildimg-collect.XXXXXX)
trap 'rm -rf "$work"' EXIT

# Larger files hold programs and data; the scan of the captured image reads those.
MAX_FILE_KIB=1024
MAX_FILES=20000

# What a boot makes anew or seal empties: named, but neither walked nor collected.
NOT_WALKED=(-path /var/tmp -o -path /var/cache -o -path /var/log -o -path /var/lib/cloud -o -path /var/lib/apt/lists
  -o -path /var/lib/amazon/ssm -o -path /var/snap/amazon-ssm-agent)

main() {
  if ! command -v find >/dev/null || ! command -v tar >/dev/null || ! command -v gzip >/dev/null; then
    echo 'buildimg: warning: no find, tar or gzip here; the image is looked at when it is captured' >&2
    : >"$archive"
  else
    find_volumes
    list_entries >"$work/.buildimg-listing"
    list_contents >"$work/contents"
    write_archive
  fi
  # The login user fetches it, and is the only other one who may read it.
  chown --reference="$(dirname -- "$archive")" -- "$archive"
}

# The disks that are captured, or may be: network and memory filesystems are not walked.
find_volumes() {
  local folder
  volumes=(/)
  for folder in /boot /boot/efi /home /opt /srv /usr /var; do
    if mountpoint -q "$folder" 2>/dev/null; then volumes+=("$folder"); fi
  done
}

# Files may vanish while they are listed. What seal removes is left out where a rule could not tell it from a fault; what
# a boot makes anew is named, but not walked.
list_entries() {
  find "${volumes[@]}" -xdev -ignore_readdir_race \
    ! -path /etc/sudoers.d/90-cloud-init-users ! -path /etc/ssh/sshd_config.d/50-cloud-init.conf \
    ! -path /etc/ssl/private/ssl-cert-snakeoil.key \
    -printf '%y %m %U %G %s %T@ %p\0%l\0' \
    \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp \
    -o "${NOT_WALKED[@]}" \) -prune || true
}

list_contents() {
  local folder roots=()
  for folder in /* /.[!.]*; do
    case $folder in
      /proc | /sys | /dev | /run | /tmp | /usr | /bin | /sbin | /lib | /lib32 | /lib64 | /libx32) ;;
      *) if is_captured "$folder"; then roots+=("$folder"); fi ;;
    esac
  done
  for folder in /usr/local /usr/etc /usr/lib/os-release /usr/lib/systemd /usr/lib/sysctl.d /usr/lib/modprobe.d \
    /usr/lib/tmpfiles.d /usr/lib/sysimage /usr/lib/modules/*/modules.dep /usr/lib/modules/*/modules.builtin \
    /usr/share/openssh /usr/share/ec2-instance-connect; do
    if [ -e "$folder" ]; then roots+=("$folder"); fi
  done
  # The databases of packages may be large; without them nothing is known to be the vendor's.
  {
    find "${roots[@]}" -xdev -ignore_readdir_race \
      \( "${NOT_WALKED[@]}" -o -path /var/lib/docker -o -path /var/lib/containerd -o -path '*/.ssh' -o -path /etc/ssl/certs \) -prune \
      -o -type f \( -size "-${MAX_FILE_KIB}k" -o -path /var/lib/dpkg/status -o -path '/var/lib/rpm/*' \
      -o -path '/usr/lib/sysimage/rpm/*' \) \
      ! -path /etc/sudoers.d/90-cloud-init-users ! -path /etc/ssh/sshd_config.d/50-cloud-init.conf \
      ! -path /etc/ssl/private/ssl-cert-snakeoil.key ! -path '/etc/ssh/ssh_host_*' ! -path '/var/lib/dpkg/info/*inst' ! -path '/var/lib/dpkg/info/*rm' \
      ! -name '*.so' ! -name '*.so.[0-9]*' ! -name '*.pyc' ! -name '*.gz' ! -name '*_history' -print0 || true
  } |
    take_first "$MAX_FILES"
}

# What is mounted on a folder besides the volumes is not captured.
is_captured() {
  local volume
  [ -e "$1" ] || return 1
  mountpoint -q "$1" 2>/dev/null || return 0
  for volume in "${volumes[@]}"; do
    if [ "$volume" = "$1" ]; then return 0; fi
  done
  return 1
}

# take_first COUNT: of a list that ends every name by NUL. Reads to the end, so that nobody writes into a closed pipe.
take_first() {
  local name left=$1
  while IFS= read -r -d '' name; do
    left=$((left - 1))
    if [ "$left" -ge 0 ]; then printf '%s\0' "$name"; fi
  done
}

# tar ends with 1 when a file changed while it was read.
write_archive() {
  tar -cf - -C "$work" .buildimg-listing -P --no-recursion --null -T "$work/contents" 2>"$work/messages" |
    gzip -1 >"$archive" || true
  if [ ! -s "$archive" ]; then
    cat "$work/messages" >&2
    exit 1
  fi
}

main
