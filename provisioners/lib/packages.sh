#!/usr/bin/env bash
# Package managers, made to wait for each other with a limit and never to ask. Needs common.sh and distro.sh.

# Image boots start apt-daily and unattended-upgrades, which hold the locks for minutes.
LOCK_WAIT_SECONDS=600
LOCK_POLL_SECONDS=5
# dnf and yum wait for their lock without a limit of their own; an update of everything fits well into an hour.
DNF_LIMIT_SECONDS=3600

# Found once, so that an unsupported distribution ends the script here.
PACKAGE_MANAGER=$(package_manager)

# apt ARGUMENTS…: apt-get that keeps changed configuration files and restarts nothing by itself.
apt() {
  run_unlocked apt-get -q -y \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
    -o Dpkg::Use-Pty=0 -o APT::Get::Show-Upgraded=true "$@"
}

# dnf_or_yum ARGUMENTS…
dnf_or_yum() {
  timeout "$DNF_LIMIT_SECONDS" "$PACKAGE_MANAGER" -q -y "$@" </dev/null
}

# Package lists are fetched once a build: /run is empty after a reboot, and no part of the image. dnf and yum look after
# theirs themselves.
PACKAGE_LISTS_STAMP=/run/buildimg-package-lists

refresh_package_lists() {
  [ "$PACKAGE_MANAGER" = apt ] || return 0
  [ ! -e "$PACKAGE_LISTS_STAMP" ] || return 0
  # A list that could not be fetched would leave updates out of sight; by itself apt only warns.
  apt update -o APT::Update::Error-Mode=any
  : >"$PACKAGE_LISTS_STAMP"
}

install_packages() {
  case $PACKAGE_MANAGER in
    apt) apt install --no-install-recommends -- "$@" ;;
    *) dnf_or_yum install -- "$@" ;;
  esac
}

# `purge`, since Debian otherwise keeps configuration files, and with them running cron jobs and secrets.
remove_packages() {
  case $PACKAGE_MANAGER in
    apt) apt purge -- "$@" ;;
    *) dnf_or_yum remove -- "$@" ;;
  esac
}

# shellcheck disable=SC2016
is_package_installed() {
  case $PACKAGE_MANAGER in
    apt) query_packages dpkg-query -W -f '${db:Status-Status}' -- "$1" && [ "$PACKAGES_FOUND" = installed ] ;;
    *) query_packages rpm -q --whatprovides -- "$1" ;;
  esac
}

# Configuration that dpkg kept counts as present.
# shellcheck disable=SC2016
is_package_absent() {
  case $PACKAGE_MANAGER in
    apt) ! query_packages dpkg-query -W -f '${db:Status-Status}' -- "$1" || [ "$PACKAGES_FOUND" = not-installed ] ;;
    *) ! query_packages rpm -q -- "$1" ;;
  esac
}

# list_installed NAME…: those of the packages that are.
# shellcheck disable=SC2016
list_installed() {
  case $PACKAGE_MANAGER in
    apt)
      query_packages dpkg-query -W -f '${Package} ${db:Status-Status}\n' -- "$@" || :
      sed -n 's/ installed$//p' <<<"$PACKAGES_FOUND"
      ;;
    *)
      query_packages rpm -q --qf '%{NAME}\n' -- "$@" || :
      sed '/ /d' <<<"$PACKAGES_FOUND"
      ;;
  esac
}

# query_packages COMMAND…: PACKAGES_FOUND becomes its answer. Status 1: the database does not know a package. That it cannot
# be read says nothing about any package, so that ends the script.
query_packages() {
  local complaints status=0
  complaints=$(mktemp)
  PACKAGES_FOUND=$("$@" 2>"$complaints") || status=$?
  # dpkg-query has a status of its own for this, rpm only its words.
  if [ "$status" -gt 1 ] && [ "$1" != rpm ] || [ "$status" -gt 125 ] || grep '^error: ' "$complaints" >/dev/null; then
    cat "$complaints" >&2
    rm -f "$complaints"
    die "the package database cannot be read ($1 ended with status $status)"
  fi
  rm -f "$complaints"
  [ "$status" -eq 0 ]
}

# run_unlocked COMMAND…: again while another package manager holds the lock, up to LOCK_WAIT_SECONDS. apt's own
# DPkg::Lock::Timeout is not enough: it does not cover the lock of the package lists, and is ignored before apt 1.9.11.
run_unlocked() {
  local deadline=$((SECONDS + LOCK_WAIT_SECONDS)) status output
  output=$(mktemp)
  while :; do
    status=0
    DEBIAN_FRONTEND=noninteractive APT_LISTCHANGES_FRONTEND=none NEEDRESTART_MODE=l UCF_FORCE_CONFFOLD=1 \
      "$@" </dev/null 2>"$output" || status=$?
    cat "$output" >&2
    if [ "$status" -eq 0 ] || ! is_lock_message "$output"; then
      rm -f "$output"
      return "$status"
    fi
    if [ "$SECONDS" -ge "$deadline" ]; then
      rm -f "$output"
      die "another package manager held its lock for more than $LOCK_WAIT_SECONDS s"
    fi
    log "another package manager holds the lock; waiting"
    sleep "$LOCK_POLL_SECONDS"
  done
}

is_lock_message() {
  grep -qE 'Could not get lock|Unable to (lock|acquire)|is another process using it|frontend lock was locked' "$1"
}
