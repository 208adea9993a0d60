#!/usr/bin/env bash
# Whether the network comes up without cloud-init. Needs common.sh.

# shellcheck disable=SC2034
NETWORK_REMEDY="put DHCP settings into the image by a \`file\` step before this one; the README of public-key has some"

# has_own_network: DHCP settings that are not cloud-init's. Those it wrote are removed at sealing, since they name the
# network card of the build instance. NetworkManager needs none.
has_own_network() {
  local file setting='DHCP[[:space:]]*=[[:space:]]*(yes|true|ipv4)|dhcp4:[[:space:]]*(yes|true)'
  setting="$setting|iface[[:space:]].*[[:space:]]dhcp|BOOTPROTO=\"?dhcp"
  if has_command NetworkManager; then return 0; fi
  for file in /etc/systemd/network/*.network /usr/lib/systemd/network/*.network \
    /etc/netplan/*.yaml /usr/lib/netplan/*.yaml /etc/network/interfaces /etc/network/interfaces.d/* \
    /etc/sysconfig/network-scripts/ifcfg-*; do
    # systemd's own are for the virtual cards of containers and machines, and for radio.
    case $file in *cloud-init* | *-container-* | *-vm-* | *-wifi-*) continue ;; esac
    if grep -qsiE "^[[:space:]]*($setting)" "$file"; then return 0; fi
  done
  return 1
}
