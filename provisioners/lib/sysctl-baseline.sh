#!/usr/bin/env bash
# KRN-001, KRN-002. Left out, because they break machines on EC2: ip_forward=0 (containers), IPv6 accept_ra=0 (the
# default route comes from router advertisements), strict rp_filter=1 (several network interfaces, the VPC's container
# network), sysrq=0 (the EC2 serial console's way to rescue an instance), kexec and module locks (kdump, agents).

render_sysctl_baseline() {
  cat <<'CONFIG'
# Written by buildimg (harden): KRN-001.
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
# KRN-002: a crashing setuid program leaves no memory on disk.
fs.suid_dumpable = 0
CONFIG
}

# list_sysctl_settings: `key value` of every file that is read at boot, in the order of reading: by file name, wherever
# it lies; of two files with one name, /etc hides /run hides /usr (sysctl.d(5)).
list_sysctl_settings() {
  local folder file seen=' '
  {
    for folder in /etc /run /usr/local/lib /usr/lib /lib; do
      for file in "$folder"/sysctl.d/*.conf; do
        [ -e "$file" ] || continue
        case $seen in *" ${file##*/} "*) continue ;; esac
        seen="$seen${file##*/} "
        printf '%s %s\n' "${file##*/}" "$file"
      done
    done
  } | sort -k1,1 | while read -r _ file; do
    sed -nE 's|^[[:space:]]*-?([a-z][^[:space:]=]*)[[:space:]]*=[[:space:]]*([^[:space:]]+).*|\1 \2|p' "$file" | tr / .
  done
}
