#!/usr/bin/env bash
# qemu-img 7.2.22 (Debian 12, qemu-utils 1:7.2+dfsg-7+deb12u18+b3).
# Expected: qemu-img recognizes the fixed VHD that it has written itself.
# Seen: it takes it for a raw disk, because it looks for the VHD footer at the start of the file, where only a dynamic VHD has a
#   copy. The footer becomes part of the disk: 512 bytes more.
# Why it matters: volumes have whole GiB. A fixed VHD of 8 GiB that is converted without -f becomes a disk that needs 9.
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
truncate --size 64M disk.raw
for kind in fixed dynamic; do
  image_tool convert -f raw -O vpc -o "subformat=$kind,force_size=on" disk.raw "$kind.vhd"
  echo "$kind: $(image_tool info "$kind.vhd" | sed -nE 's/^file format: //p; s/^virtual size: .*\((.*)\)/\1/p' | paste -sd, -)"
done >seen
cat >expected <<'TEXT'
fixed: raw,67109376 bytes
dynamic: vpc,67108864 bytes
TEXT
diff expected seen && echo 'as described'
