#!/usr/bin/env bash
# qemu-img 7.2.22 (Debian 12, qemu-utils 1:7.2+dfsg-7+deb12u18+b3), sfdisk 2.38 (Debian 12).
# Expected: only a raw disk ends with a GPT header. A backup header at the end of a file and none at its start means a raw disk with a damaged start.
# Seen: VMDK, VDI, VHDX, Parallels and qcow2 files end with the backup header of the disk inside, because its last sector is stored last.
# Why it matters: a reader that looks for a backup GPT before it looks for containers takes a healthy container for a broken disk.
# Needs: Debian 12 with its package lists, and sfdisk.
set -euo pipefail
command -v sfdisk >/dev/null || {
  echo 'sfdisk is missing: apt-get install fdisk' >&2
  exit 3
}
command -v apt-get >/dev/null || {
  echo "This needs Debian 12 (apt-get)" >&2
  exit 3
}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 777 .
mapfile -t libraries < <(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances qemu-utils | grep "^lib" | sort -u)
apt-get download qemu-utils=1:7.2+dfsg-7+deb12u18+b3 "${libraries[@]}" >/dev/null 2>&1 || {
  echo "apt-get cannot download qemu-utils 1:7.2+dfsg-7+deb12u18+b3: run apt-get update, on Debian 12" >&2
  exit 3
}
for package in *.deb; do dpkg -x "$package" .; done
image_tool() { LD_LIBRARY_PATH=$folder/usr/lib/x86_64-linux-gnu "$folder/usr/bin/qemu-img" "$@"; }
truncate --size 64M disk.raw
printf 'label: gpt\n,\n' | sfdisk --quiet disk.raw
for format in raw vmdk vdi vhdx parallels qcow2; do
  image_tool convert -f raw -O "$format" disk.raw "disk.$format.image"
  echo "$format: $(tail --bytes 512 "disk.$format.image" | head --bytes 8)"
done >seen
cat >expected <<'TEXT'
raw: EFI PART
vmdk: EFI PART
vdi: EFI PART
vhdx: EFI PART
parallels: EFI PART
qcow2: EFI PART
TEXT
diff expected seen && echo 'as described'
