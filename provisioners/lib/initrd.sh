#!/usr/bin/env bash
# Keys that were copied into an initrd: whoever reads the image reads them there, however clean /etc is. Needs common.sh
# and look.sh.

INITRD_KEY='(dropbear_[a-z0-9]+_host_key|ssh_host_[a-z0-9_]+_key|authorized_keys2?|id_[a-z0-9]+|mandos/(seckey[.]txt|tls-privkey[.]pem))$'

# list_initrd_keys: `INITRD: FILE` lines. Looks only where something is installed that copies keys, since unpacking takes
# seconds. Fails where an initrd cannot be read.
list_initrd_keys() {
  local copiers initrds initrd
  copiers=$(search find /usr/share/initramfs-tools/hooks /etc/initramfs-tools/hooks /usr/lib/dracut/modules.d \
    /etc/dropbear/initramfs /etc/dropbear-initramfs /etc/keys/mandos -maxdepth 1 \( -name '*dropbear*' \
    -o -name initramfs -o -name '*mandos*' -o -name '*sshd*' -o -name '*crypt-ssh' -o -name '*tinyssh*' \) -print)
  [ -n "$copiers" ] || return 0
  initrds=$(search find /boot -xdev -maxdepth 1 -type f \( -name 'initrd*' -o -name 'initramfs*' \) -print)
  while IFS= read -r initrd; do
    [ -z "$initrd" ] || print_keys_in "$initrd"
  done <<<"$initrds"
}

print_keys_in() {
  local files
  if has_command lsinitramfs; then
    files=$(lsinitramfs -l "$1")
  elif has_command lsinitrd; then
    files=$(lsinitrd "$1")
  else
    printf '%s: neither lsinitramfs nor lsinitrd is installed to read it\n' "$1" >&2
    return 1
  fi
  # A tool that cannot unpack it may say nothing and end well.
  if ! grep -E '[[:space:]/]init( |$)' <<<"$files" >/dev/null; then
    printf '%s: there is no init in it that could be found\n' "$1" >&2
    return 1
  fi
  # Columns as of `ls -l`. dropbear leaves an empty authorized_keys. Of hard links only one has the size.
  awk -v initrd="$1" -v key="$INITRD_KEY" '$NF ~ key && ($2 > 1 || $5 "" != "0") { print initrd ": " $NF }' <<<"$files"
}

# rebuild_initrd INITRD: as the system makes it, so without the keys, which are no longer where they were copied from.
rebuild_initrd() {
  local version
  version=${1##*/initrd.img-}
  version=${version##*/initramfs-}
  version=${version%.img}
  if has_command update-initramfs; then
    update-initramfs -u -k "$version"
  elif has_command dracut; then
    dracut --force "$1" "$version"
  else
    warn "$1 cannot be made again: neither update-initramfs nor dracut is installed"
  fi
}
