#!/usr/bin/env bash
# FS-009, NET-004. Never vfat (the EFI partition: no boot on UEFI and arm64) and never squashfs (snaps, and with them the
# SSM agent of Ubuntu). Needs common.sh; checks need checks.sh.

# list_blocked_modules CONTROL
list_blocked_modules() {
  case $1 in
    FS-009) printf '%s\n' cramfs freevxfs jffs2 hfs hfsplus udf ;;
    NET-004) printf '%s\n' dccp sctp rds tipc ;;
  esac
}

block_modules() {
  local module text=''
  for module in $(list_blocked_modules "$1"); do
    text="${text}install $module /bin/false"$'\n'"blacklist $module"$'\n'
  done
  printf '# Written by buildimg (harden): %s.\n%s' "$1" "$text" |
    write_file "/etc/modprobe.d/60-buildimg-${1,,}.conf" 0644 root:root
}

check_modules() {
  local module blocked
  see "$1" search cat /etc/modprobe.d/*.conf /usr/lib/modprobe.d/*.conf /lib/modprobe.d/*.conf
  blocked=$SEEN
  for module in $(list_blocked_modules "$1"); do
    case $'\n'"$blocked"$'\n' in
      *$'\n'"install $module /bin/false"$'\n'* | *$'\n'"install $module /bin/true"$'\n'*) ;;
      *) miss "$1" "$module can be loaded" ;;
    esac
  done
}
