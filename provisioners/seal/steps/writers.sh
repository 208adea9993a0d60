#!/usr/bin/env bash
# Everything that would write again what is about to be removed, now or while the instance shuts down. Needs common.sh.

stop_writers() {
  is_booted || return 0
  # Sockets and timers first, since they start their services again.
  stop_active_units syslog.socket apt-daily.timer apt-daily-upgrade.timer dnf-makecache.timer dnf-automatic.timer \
    man-db.timer logrotate.timer dpkg-db-backup.timer sysstat-collect.timer
  # update-utmp and random-seed write when they are stopped: stopped now, they have nothing left to do at shutdown.
  stop_active_units apt-daily.service apt-daily-upgrade.service unattended-upgrades.service packagekit.service \
    rsyslog.service syslog-ng.service cron.service crond.service atd.service sysstat.service \
    amazon-cloudwatch-agent.service systemd-update-utmp.service systemd-random-seed.service
  # On RHEL auditd refuses systemctl.
  if systemctl --quiet is-active auditd.service; then
    if has_command service; then service auditd stop || true; else systemctl stop auditd.service || true; fi
  fi
  # The agent carries the session if the builder came through it; then its state goes at shutdown.
  if ! is_run_by ssm-; then
    stop_active_units amazon-ssm-agent.service snap.amazon-ssm-agent.amazon-ssm-agent.service
  fi
  make_journal_volatile
}

# stop_active_units UNIT…: two calls for all of them, since each takes a good part of a second on a small instance.
stop_active_units() {
  local state active=()
  while IFS= read -r state; do
    # One line for each unit, in their order; a unit that does not exist is `inactive`.
    if [ "$state" = active ]; then active+=("$1"); fi
    shift
  done <<<"$(systemctl is-active "$@" || true)"
  [ "${#active[@]}" -eq 0 ] || systemctl stop "${active[@]}" || warn "could not stop all of: ${active[*]}"
}

# SEAL-003: from here on the journal is in memory. While /etc/machine-id still has its id, without which journald cannot
# name its folder. A running journald would otherwise write a new file below the old id.
make_journal_volatile() {
  systemctl --quiet is-active systemd-journald.service || return 0
  mkdir -p /run/systemd/journald.conf.d
  printf '[Journal]\nStorage=volatile\n' >/run/systemd/journald.conf.d/zz-buildimg-seal.conf
  systemctl restart systemd-journald.service
}

# Logging out, network managers and PID 1 still write after the seal. This unit lives in /run and is gone with the next
# boot; being ordered before everything, it is stopped after everything, ifupdown included, whose dhclient writes leases.
prepare_shutdown_cleaning() {
  is_booted || return 0
  cat >/run/systemd/system/buildimg-seal-late.service <<UNIT
[Unit]
Description=Remove what is written after the seal
DefaultDependencies=no
RequiresMountsFor=/var/log /var/lib /etc
Before=sysinit.target systemd-update-utmp.service systemd-random-seed.service networking.service shutdown.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
TimeoutStopSec=60
Environment=BUILDIMG_MACHINE_ID=$1
ExecStart=/bin/true
ExecStop=/bin/bash $WORK_FOLDER/seal/steps/at-shutdown.sh
UNIT
  systemctl daemon-reload
  systemctl start buildimg-seal-late.service
}

# is_run_by PREFIX: one of our ancestors has a name that starts so.
is_run_by() {
  local pid=$$ file key value
  while [ "${pid:-0}" -gt 1 ]; do
    file=/proc/$pid/status
    [ -r "$file" ] || return 1
    pid=''
    while read -r key value; do
      case $key in
        Name:) case $value in "$1"*) return 0 ;; esac ;;
        PPid:) pid=$value ;;
      esac
    done <"$file"
  done
  return 1
}
