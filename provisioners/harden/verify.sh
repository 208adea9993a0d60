#!/usr/bin/env bash
# Asks sshd itself what would apply to root, to the login user and to somebody unknown, and reads sysctl.d as the boot
# does. Reads only.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/common.sh
. "$here/../lib/common.sh"
# shellcheck source=../lib/checks.sh
. "$here/../lib/checks.sh"
# shellcheck source=../lib/accounts.sh
. "$here/../lib/accounts.sh"
# shellcheck source=../lib/sshd.sh
. "$here/../lib/sshd.sh"
# shellcheck source=../lib/sysctl-baseline.sh
. "$here/../lib/sysctl-baseline.sh"

main() {
  require_root
  check_root_locked
  check_cloud_init
  if has_sshd; then
    check_sshd
  fi
  check_sysctl
  finish_checks harden
}

check_root_locked() {
  if list_accounts_with_password | grep -qx root; then miss ACC-004 "root has a password, or none at all"; fi
}

check_cloud_init() {
  local value
  [ -d /etc/cloud ] || return 0
  # Files are merged in the order of their names and the last value counts.
  value=$(cat /etc/cloud/cloud.cfg /etc/cloud/cloud.cfg.d/*.cfg 2>/dev/null | sed -nE 's/^ssh_pwauth:[[:space:]]*([^[:space:]#]+).*/\1/p' | tail -n 1)
  case $(printf '%s' "$value" | tr '[:upper:]' '[:lower:]') in
    false | no | 0) ;;
    *) miss SSH-007 "cloud-init's ssh_pwauth is \"$value\"" ;;
  esac
}

check_sshd() {
  local user settings
  prepare_sshd_queries
  for user in root "$(default_user)" buildimg-unknown-user; do
    settings=$(sshd_settings "$user") || {
      miss SSH-010 "sshd refuses its configuration"
      return 0
    }
    check_sshd_settings "$user" "$settings"
  done
  check_match_blocks
  check_instance_connect
}

# check_sshd_settings USER SETTINGS
check_sshd_settings() {
  local user=$1 settings=$2
  expect_setting SSH-001 permitrootlogin no
  expect_setting SSH-002 passwordauthentication no
  expect_setting SSH-003 kbdinteractiveauthentication no
  # Only printed by OpenSSH before 8.7.
  if printf '%s\n' "$settings" | grep -q '^challengeresponseauthentication '; then
    expect_setting SSH-003 challengeresponseauthentication no
  fi
  expect_setting SSH-004 permitemptypasswords no
  expect_setting SSH-008 usedns "$(yes_or_no "$(option USE_DNS false)")"
  expect_setting SSH-009 pubkeyauthentication yes
  expect_setting SSH-012 x11forwarding no
  expect_setting SSH-013 maxauthtries 4
  expect_setting SSH-013 logingracetime 60
  expect_setting SSH-015 allowtcpforwarding "$(yes_or_no "$(option ALLOW_TCP_FORWARDING true)")"
  if ! printf '%s\n' "$settings" | grep -qE '^(pubkeyacceptedalgorithms|pubkeyacceptedkeytypes) .*rsa-sha2-'; then
    miss SSH-014 "RSA keys with SHA-2 are refused: most EC2 key pairs could not log in ($user)"
  fi
}

# expect_setting CONTROL KEYWORD VALUE: reads `settings` and `user` of its caller.
expect_setting() {
  local value
  value=$(printf '%s\n' "$settings" | sed -n "s/^$2 //p")
  [ "$value" = "$3" ] || miss "$1" "$2 is \"$value\" for $user, not \"$3\""
}

# SSH-005: the users asked for above may simply not match, so every condition is taken to be true here.
check_match_blocks() {
  local place keyword value
  while read -r place keyword value; do
    [ -n "$place" ] || continue
    case $(printf '%s' "$keyword $value" | tr '[:upper:]' '[:lower:]') in
      'permitrootlogin no' | 'passwordauthentication no' | 'permitemptypasswords no') ;;
      'kbdinteractiveauthentication no' | 'challengeresponseauthentication no') ;;
      permitrootlogin* | passwordauthentication* | permitemptypasswords* | kbdinteractiveauthentication* | \
        challengeresponseauthentication*)
        miss SSH-005 "$place opens again for a Match block: $keyword $value"
        ;;
    esac
  done <<<"$(list_match_settings)"
}

# SSH-016: Amazon Linux logs people in through this command.
check_instance_connect() {
  [ -x /opt/aws/bin/eic_run_authorized_keys ] || return 0
  if ! sshd_settings root | grep -q '^authorizedkeyscommand /opt/aws/bin/eic_run_authorized_keys'; then
    miss SSH-016 "EC2 Instance Connect is installed, but sshd does not ask it for keys"
  fi
}

# KRN-001, KRN-002
check_sysctl() {
  local key wanted settings value
  settings=$(list_sysctl_settings)
  while read -r key wanted; do
    value=$(printf '%s\n' "$settings" | awk -v key="$key" '$1 == key { value = $2 } END { print value }')
    [ "$value" = "$wanted" ] || miss KRN-001 "$key will be \"$value\" after a boot, not \"$wanted\""
  done <<<"$(render_sysctl_baseline | sed -nE 's/^([a-z][^ ]*) = (.*)/\1 \2/p')"
}

# The name that cloud-init makes at first boot: the last one in the merged configuration.
default_user() {
  local name
  name=$(cat /etc/cloud/cloud.cfg /etc/cloud/cloud.cfg.d/*.cfg 2>/dev/null |
    sed -nE '/^[[:space:]]+default_user:/,/^[^[:space:]]/ s/^[[:space:]]+name:[[:space:]]*([a-z0-9_-]+).*/\1/p' | tail -n 1)
  printf '%s' "${name:-ec2-user}"
}

main
