#!/usr/bin/env bash
# qemu-img 7.2.22 (Debian 12, qemu-utils 1:7.2+dfsg-7+deb12u18+b3).
# Expected: a raw disk of 10 GiB becomes a VHD of 10 GiB.
# Seen: without force_size=on the VHD is 475,136 bytes larger, because its size is rounded up to whole cylinders.
# Why it matters: volumes have whole GiB, so the image that comes of this VHD needs one GiB more than the disk did.
# Needs: Debian 12 with its package lists.
set -euo pipefail
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
truncate --size 10G disk.raw
image_tool convert -f raw -O vpc disk.raw plain.vhd
image_tool convert -f raw -O vpc -o force_size=on disk.raw forced.vhd
for disk in plain forced; do
  echo "$disk: $(image_tool info -f vpc "$disk.vhd" | sed -nE 's/^virtual size: .*\((.*)\)/\1/p')"
done >seen
cat >expected <<'TEXT'
plain: 10737893376 bytes
forced: 10737418240 bytes
TEXT
diff expected seen && echo 'as described'
