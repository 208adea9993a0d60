#!/usr/bin/env bash
# KRN-…. Left out, because they break machines on EC2: ip_forward=0 (containers), IPv6 accept_ra=0 (the default route
# comes from router advertisements), strict rp_filter=1 (several network interfaces, the VPC's container network),
# sysrq=0 (the EC2 serial console's way to rescue an instance), kexec and module locks (kdump, agents). For machines that
# boot from the image; the build instance goes on as it is. Needs common.sh; checks need checks.sh.

SYSCTL_TEXT=''
declare -A SYSCTL_SETTING
SYSCTL_IS_LOADED=no

# sysctl_settings CONTROL: `key = value` lines.
sysctl_settings() {
  case $1 in
    KRN-001) override_sysctl_settings <<'CONFIG' ;;
fs.protected_hardlinks = 1
fs.protected_symlinks = 1
fs.protected_fifos = 1
fs.protected_regular = 2
kernel.kptr_restrict = 2
kernel.dmesg_restrict = 1
kernel.randomize_va_space = 2
kernel.yama.ptrace_scope = 1
kernel.unprivileged_bpf_disabled = 1
kernel.perf_event_paranoid = 3
net.core.bpf_jit_harden = 2
net.ipv4.conf.all.accept_redirects = 0
net.ipv4.conf.default.accept_redirects = 0
net.ipv4.conf.all.secure_redirects = 0
net.ipv4.conf.default.secure_redirects = 0
net.ipv4.conf.all.send_redirects = 0
net.ipv4.conf.default.send_redirects = 0
net.ipv4.conf.all.accept_source_route = 0
net.ipv4.conf.default.accept_source_route = 0
net.ipv4.conf.all.rp_filter = 2
net.ipv4.conf.default.rp_filter = 2
net.ipv4.conf.all.log_martians = 1
net.ipv4.conf.default.log_martians = 1
net.ipv4.icmp_echo_ignore_broadcasts = 1
net.ipv4.icmp_ignore_bogus_error_responses = 1
net.ipv4.tcp_syncookies = 1
net.ipv6.conf.all.accept_redirects = 0
net.ipv6.conf.default.accept_redirects = 0
CONFIG
    KRN-002) printf 'fs.suid_dumpable = 0\n' ;;
  esac
}

# The option `sysctl` (KEY=VALUE lines) replaces settings of the list, and adds others.
override_sysctl_settings() {
  local overrides key value
  overrides=$(option SYSCTL '')
  while IFS=' =' read -r key value; do
    case $'\n'"$overrides" in *$'\n'"$key="*) ;; *) printf '%s = %s\n' "$key" "$value" ;; esac
  done
  while IFS='=' read -r key value; do
    [ -z "$key" ] || printf '%s = %s\n' "$key" "$value"
  done <<<"$overrides"
}

add_sysctl_settings() {
  SYSCTL_TEXT="$SYSCTL_TEXT# $1"$'\n'"$(sysctl_settings "$1")"$'\n'
}

write_sysctl_settings() {
  [ -n "$SYSCTL_TEXT" ] || return 0
  printf '# Written by buildimg (harden).\n%s' "$SYSCTL_TEXT" | write_file /etc/sysctl.d/60-buildimg.conf 0644 root:root
}

check_sysctl_settings() {
  local key wanted
  load_sysctl_settings "$1"
  while IFS=' =' read -r key wanted; do
    [ "${SYSCTL_SETTING[$key]:-}" = "$wanted" ] ||
      miss "$1" "$key will be \"${SYSCTL_SETTING[$key]:-}\" after a boot, not \"$wanted\""
  done <<<"$(sysctl_settings "$1")"
}

# load_sysctl_settings CONTROL: of every file that is read at boot (sysctl.d(5)). The last value counts.
load_sysctl_settings() {
  local key value
  [ "$SYSCTL_IS_LOADED" = no ] || return 0
  SYSCTL_IS_LOADED=yes
  see "$1" print_sysctl_files
  while IFS=$' \t=' read -r key value _; do
    key=${key#-}
    case $key in '' | '#'* | ';'*) continue ;; esac
    SYSCTL_SETTING[${key//\//.}]=$value
  done <<<"$SEEN"
}

print_sysctl_files() {
  list_drop_ins .conf /etc/sysctl.d /run/sysctl.d /usr/local/lib/sysctl.d /usr/lib/sysctl.d /lib/sysctl.d |
    while IFS= read -r file; do
      search cat "$file"
      # A last line without an end.
      printf '\n'
    done
}

# KRN-003: enforcing is the distribution's choice; switched off is nobody's. Elastic Beanstalk needs SELinux permissive.
check_access_control() {
  check_listed "$1" 'disables SELinux' search grep -lxE 'SELINUX=disabled' /etc/selinux/config
  check_listed "$1" 'switches SELinux or AppArmor off' search grep -lE '^[^#]*\b(selinux=0|apparmor=0|security=none)\b' \
    /etc/default/grub /etc/default/grub.d/*.cfg /etc/kernel/cmdline
}

# KRN-004
harden_core_dumps() {
  write_file /etc/security/limits.d/60-buildimg-core.conf 0644 root:root <<'CONFIG'
# Written by buildimg (harden): KRN-004.
* hard core 0
root hard core 0
CONFIG
  write_file /etc/systemd/coredump.conf.d/60-buildimg.conf 0644 root:root <<'CONFIG'
# Written by buildimg (harden): KRN-004.
[Coredump]
Storage=none
ProcessSizeMax=0
CONFIG
}

check_core_dumps() {
  grep -qsE '^\*[[:space:]]+hard[[:space:]]+core[[:space:]]+0' /etc/security/limits.conf /etc/security/limits.d/*.conf ||
    miss "$1" "no limit of 0 for core dumps"
  grep -qsx 'Storage=none' /etc/systemd/coredump.conf /etc/systemd/coredump.conf.d/*.conf || miss "$1" "systemd keeps core dumps"
}
