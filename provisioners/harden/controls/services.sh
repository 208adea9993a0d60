#!/usr/bin/env bash
# OS-007, SVC-001. Needs common.sh, packages.sh, runtime.sh; checks need checks.sh.

LEGACY_PACKAGES='telnetd inetutils-telnetd telnet-server rsh-server rsh-redone-server xinetd openbsd-inetd inetutils-inetd
  ypserv nis tftpd tftpd-hpa tftp-server talk-server prelink'
UNNEEDED_UNITS='avahi-daemon.service avahi-daemon.socket cups.service cups.socket cups.path cups-browsed.service
  rpcbind.service rpcbind.socket autofs.service rsync.service rsyncd.service snmpd.service slapd.service
  bluetooth.service ModemManager.service'

# OS-007
remove_legacy_packages() {
  local names
  must_see list_legacy_packages
  names=${SEEN//$'\n'/ }
  # shellcheck disable=SC2086
  if [ -n "$names" ]; then remove_packages $names; fi
}

check_legacy_packages() {
  check_listed "$1" 'is installed' list_legacy_packages
}

# One question for all of them.
list_legacy_packages() {
  # shellcheck disable=SC2086
  list_installed $LEGACY_PACKAGES
}

# SVC-001: masked, since a package's update or a preset would only enable again what is merely disabled.
mask_services() {
  local unit
  for unit in $(list_unmasked_units); do
    rm -f /etc/systemd/system/*.wants/"$unit" "/etc/systemd/system/$unit"
    ln -s /dev/null "/etc/systemd/system/$unit"
    log "masked $unit"
  done
}

check_masked_services() {
  check_listed "$1" 'is not masked' list_unmasked_units
}

list_unmasked_units() {
  local unit
  for unit in $UNNEEDED_UNITS; do
    if has_unit "$unit" && ! [ "/etc/systemd/system/$unit" -ef /dev/null ]; then printf '%s\n' "$unit"; fi
  done
}
