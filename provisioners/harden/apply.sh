#!/usr/bin/env bash
# The baseline profile. What it leaves alone, and why, is in README.md.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/common.sh
. "$here/../lib/common.sh"
# shellcheck source=../lib/distro.sh
. "$here/../lib/distro.sh"
# shellcheck source=../lib/accounts.sh
. "$here/../lib/accounts.sh"
# shellcheck source=../lib/sshd.sh
. "$here/../lib/sshd.sh"
# shellcheck source=../lib/sshd-baseline.sh
. "$here/../lib/sshd-baseline.sh"
# shellcheck source=../lib/sysctl-baseline.sh
. "$here/../lib/sysctl-baseline.sh"

main() {
  local use_dns allow_tcp_forwarding
  require_root
  distro_family >/dev/null
  option_enum PROFILE baseline baseline >/dev/null
  use_dns=$(option_enum USE_DNS false true false)
  allow_tcp_forwarding=$(option_enum ALLOW_TCP_FORWARDING true true false)

  lock_root
  harden_cloud_init
  if has_sshd; then
    harden_sshd "$use_dns" "$allow_tcp_forwarding"
  else
    log "no sshd in this image; SSH controls do not apply"
  fi
  harden_kernel
  run_verify "$here"
}

# ACC-004
lock_root() {
  if list_accounts_with_password | grep -qx root; then lock_password root; fi
}

# SSH-007: user data can still ask for passwords, but sshd's own drop-in is read before what cloud-init would write.
harden_cloud_init() {
  [ -d /etc/cloud ] || return 0
  write_file /etc/cloud/cloud.cfg.d/99-buildimg.cfg 0644 root:root <<'CONFIG'
# Written by buildimg (harden): SSH-001, SSH-007.
ssh_pwauth: false
disable_root: true
CONFIG
}

# SSH-001 … SSH-015
harden_sshd() {
  if reads_drop_ins_first; then
    render_sshd_baseline "$1" "$2" | write_file /etc/ssh/sshd_config.d/00-buildimg.conf 0600 root:root
  else
    prepend_sshd_baseline "$1" "$2"
  fi
  # A configuration that sshd refuses would lock everybody out of every launch.
  prepare_sshd_queries
  sshd -t -h "$SSHD_QUERY_FOLDER/key" || die "sshd refuses its new configuration"
}

# KRN-001, KRN-002: for machines that boot from the image; the build instance itself goes on as it is.
harden_kernel() {
  render_sysctl_baseline | write_file /etc/sysctl.d/60-buildimg.conf 0644 root:root
}

main
