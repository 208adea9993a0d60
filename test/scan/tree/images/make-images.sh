#!/usr/bin/env bash
# Makes the images beside it: filesystems as they are on the disk while a system uses them. Needs root and a kernel that
# mounts XFS and ext4 through a loop device; the tests only read what it made.
#   dirty.xfs.qcow2.gz    names, a mode and a removal after `sync`: in the log only
#   frozen.xfs.qcow2.gz   the same after xfs_freeze: all in place, but the log was not ended by an unmount
#   dirty.ext4.qcow2.gz   the content of a file after fsync: its size is in the journal only
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'umount "$work/mnt" 2>/dev/null || true; rm -rf "$work"' EXIT
mkdir "$work/mnt"

make_system() {
  mkdir -p "$work/mnt/etc" "$work/mnt/root"
  echo 'root:x:0:0:root:/root:/bin/sh' >"$work/mnt/etc/passwd"
  echo 'ID=debian' >"$work/mnt/etc/os-release"
  echo 'old' >"$work/mnt/etc/removed"
  chmod 600 "$work/mnt/etc/passwd"
}

change_system() {
  chmod 644 "$work/mnt/etc/passwd"
  rm "$work/mnt/etc/removed"
  echo 'secret-command' >"$work/mnt/root/.bash_history"
}

save() {
  qemu-img convert -q -c -O qcow2 "$work/disk.img" "$work/$1"
  gzip -9nc "$work/$1" >"$1.gz"
}

mount_new() {
  rm -f "$work/disk.img"
  truncate -s "$1" "$work/disk.img"
  shift
  "$@" "$work/disk.img"
  mount -o loop "$work/disk.img" "$work/mnt"
  make_system
  umount "$work/mnt"
  mount -o loop "$work/disk.img" "$work/mnt"
}

mount_new 300M mkfs.xfs -q
change_system
sync -f "$work/mnt"
save dirty.xfs.qcow2
xfs_freeze -f "$work/mnt"
save frozen.xfs.qcow2
xfs_freeze -u "$work/mnt"
umount "$work/mnt"

mount_new 16M mkfs.ext4 -q
change_system
python3 -c 'import os, sys; os.fsync(os.open(sys.argv[1], os.O_RDONLY))' "$work/mnt/root/.bash_history"
save dirty.ext4.qcow2
umount "$work/mnt"
