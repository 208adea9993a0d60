#!/usr/bin/env bash
# The clock: chrony with the Amazon Time Sync Service, which answers on a link-local address without any network access
# of the VPC's: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/set-time.html
# Needs common.sh, distro.sh, packages.sh; checks need checks.sh.

TIME_SERVER=169.254.169.123
# AWS's own setting: asked every 16 s, which costs nothing on this address.
TIME_LINE="server $TIME_SERVER prefer iburst minpoll 4 maxpoll 4"

chrony_config() {
  if [ "$(distro_family)" = debian ]; then printf '/etc/chrony/chrony.conf'; else printf '/etc/chrony.conf'; fi
}

chrony_unit() {
  if [ "$(distro_family)" = debian ]; then printf 'chrony.service'; else printf 'chronyd.service'; fi
}

# apply_time_sync KEEP_OTHERS: other servers and pools of the main file stay, or go.
apply_time_sync() {
  local config rest pattern='^# Written by buildimg'
  if ! has_command chronyd; then
    refresh_package_lists
    install_packages chrony
  fi
  config=$(chrony_config)
  if [ "$1" != true ]; then pattern="$pattern"'|^[[:space:]]*(pool|server|peer)[[:space:]]'; fi
  rest=$(grep -vE "$pattern" "$config" | grep -vxF "$TIME_LINE" || true)
  printf '# Written by buildimg: the server of AWS comes first.\n%s\n%s\n' "$TIME_LINE" "$rest" |
    write_file "$config" 0644 root:root
  systemctl --quiet enable "$(chrony_unit)"
  # Two daemons would pull the clock in two directions; Debian's package removes the other one by itself.
  if [ -e /usr/lib/systemd/system/systemd-timesyncd.service ] || [ -e /lib/systemd/system/systemd-timesyncd.service ]; then
    systemctl --quiet disable systemd-timesyncd.service
  fi
}

# Also of the folders that Debian's configuration reads.
list_other_time_sources() {
  search grep -hE '^[[:space:]]*(pool|server|peer)[[:space:]]' "$(chrony_config)" /etc/chrony/conf.d/*.conf \
    /etc/chrony/sources.d/*.sources | awk -v ours="$TIME_LINE" '$0 != ours'
}

# check_time_daemon CONTROL KEEP_OTHERS
check_time_daemon() {
  local config
  config=$(chrony_config)
  has_command chronyd || miss "$1" "chrony is not installed"
  grep -qsxF "$TIME_LINE" "$config" || miss "$1" "$config does not ask $TIME_SERVER"
  if [ "$2" != true ]; then
    check_listed "$1" 'is another source of time' \
      list_other_time_sources
  fi
  [ -e "/etc/systemd/system/multi-user.target.wants/$(chrony_unit)" ] || miss "$1" "$(chrony_unit) is not enabled"
  if [ -e /etc/systemd/system/sysinit.target.wants/systemd-timesyncd.service ]; then
    miss "$1" "systemd-timesyncd is enabled as well"
  fi
}
