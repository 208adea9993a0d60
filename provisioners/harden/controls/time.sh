#!/usr/bin/env bash
# NET-003: as the provisioner time-sync does it. Needs lib/time-sync.sh.

ensure_time_sync() {
  apply_time_sync true
}

check_time_sync() {
  check_time_daemon "$1" true
}
