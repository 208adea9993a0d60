#!/usr/bin/env bash
# OS-001, OS-006, OS-008. Needs common.sh, distro.sh, packages.sh; checks need checks.sh.

# OS-001: what AWS Marketplace would refuse today; `buildimg scan` has the dates.
check_supported_release() {
  local id version
  id=$(distro_id)
  version=$(distro_version)
  case "$id $version" in
    *' ') miss "$1" "$id does not say which release this is (VERSION_ID), so nobody can tell whether it gets updates" ;;
    'amzn 2' | 'amzn 201'* | 'debian 9' | 'debian 10' | 'debian 11' | 'ubuntu 1'* | 'ubuntu 20.04' | 'rhel 6'* | 'rhel 7'* | 'centos '*)
      miss "$1" "$id $version gets no security updates any more"
      ;;
  esac
}

# OS-006
check_repositories() {
  check_listed "$1" 'takes packages without a signature' search grep -liE \
    '^[^#]*(\[[^]]*(trusted|allow-insecure)=(yes|true|on|1|with|enable)|^(trusted|allow-insecure):[[:space:]]*(yes|true|on|1|with|enable))' \
    /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources
  check_listed "$1" 'takes packages without a signature' search grep -d skip -lE \
    '^[^#/]*(AllowUnauthenticated|AllowInsecureRepositories)[[:space:]]+"?(true|1|yes)' /etc/apt/apt.conf \
    /etc/apt/apt.conf.d/*
  check_listed "$1" 'takes packages without a signature' search grep -liE \
    '^[[:space:]]*gpgcheck[[:space:]]*=[[:space:]]*(0|no|false)' /etc/yum.conf /etc/dnf/dnf.conf /etc/yum.repos.d/*.repo
}

# OS-008: only if asked for; fleets of pinned images are replaced instead.
enable_automatic_updates() {
  [ "$(option AUTOMATIC_UPDATES keep)" = security ] || return 0
  case $PACKAGE_MANAGER in
    apt)
      ensure_package unattended-upgrades
      # An image may have them masked, to be left alone while it is built.
      systemctl --quiet unmask apt-daily.timer apt-daily-upgrade.timer
      systemctl --quiet enable apt-daily.timer apt-daily-upgrade.timer
      write_file /etc/apt/apt.conf.d/60-buildimg-updates 0644 root:root <<'CONFIG'
// Written by buildimg (harden): OS-008.
APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
CONFIG
      ;;
    *)
      ensure_package dnf-automatic
      sed -i -E 's/^upgrade_type *=.*/upgrade_type = security/; s/^apply_updates *=.*/apply_updates = yes/' /etc/dnf/automatic.conf
      systemctl --quiet enable dnf-automatic.timer
      ;;
  esac
}

check_automatic_updates() {
  [ "$(option AUTOMATIC_UPDATES keep)" = security ] || return 0
  case $PACKAGE_MANAGER in
    apt)
      is_package_installed unattended-upgrades || miss "$1" "unattended-upgrades is not installed"
      grep -qsE '^APT::Periodic::Unattended-Upgrade "1";' /etc/apt/apt.conf.d/* || miss "$1" "unattended upgrades are off"
      ! [ /etc/systemd/system/apt-daily-upgrade.timer -ef /dev/null ] || miss "$1" "apt-daily-upgrade.timer is masked"
      ;;
    *)
      grep -qsE '^apply_updates *= *yes' /etc/dnf/automatic.conf || miss "$1" "dnf-automatic installs nothing"
      [ -e /etc/systemd/system/timers.target.wants/dnf-automatic.timer ] || miss "$1" "dnf-automatic.timer is not enabled"
      ;;
  esac
}

ensure_package() {
  if is_package_installed "$1"; then return 0; fi
  refresh_package_lists
  install_packages "$1"
}
