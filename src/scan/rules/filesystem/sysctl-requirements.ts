export interface SysctlRequirement {
  readonly key: string;
  /** Values that pass. */
  readonly wanted: readonly string[];
  /** What the kernel has where nothing is configured. */
  readonly kernelDefault: string;
}

function need(key: string, wanted: string | readonly string[], kernelDefault: string): SysctlRequirement {
  return { key, wanted: [wanted].flat(), kernelDefault };
}

/** Both for interfaces that are there and for those that come. */
function needOnInterfaces(
  name: string,
  wanted: string | readonly string[],
  kernelDefault: string,
): readonly SysctlRequirement[] {
  return ['all', 'default'].map((scope) => need(`net.ipv4.conf.${scope}.${name}`, wanted, kernelDefault));
}

/** From CIS and dev-sec, without what breaks containers, IPv6 on EC2, kdump and rescue by the serial console (sysrq). */
export const sysctlRequirements: readonly SysctlRequirement[] = [
  need('fs.protected_hardlinks', '1', '0'),
  need('fs.protected_symlinks', '1', '0'),
  need('fs.protected_fifos', ['1', '2'], '0'),
  need('fs.protected_regular', ['1', '2'], '0'),
  need('kernel.kptr_restrict', ['1', '2'], '0'),
  need('kernel.dmesg_restrict', '1', '0'),
  need('kernel.randomize_va_space', '2', '2'),
  need('kernel.yama.ptrace_scope', ['1', '2', '3'], '0'),
  need('kernel.unprivileged_bpf_disabled', ['1', '2'], '0'),
  need('net.core.bpf_jit_harden', ['1', '2'], '0'),
  need('kernel.perf_event_paranoid', ['2', '3', '4'], '2'),
  need('net.ipv4.tcp_syncookies', '1', '1'),
  need('net.ipv4.icmp_echo_ignore_broadcasts', '1', '1'),
  need('net.ipv4.icmp_ignore_bogus_error_responses', '1', '1'),
  ...needOnInterfaces('accept_redirects', '0', '1'),
  ...needOnInterfaces('secure_redirects', '0', '1'),
  ...needOnInterfaces('send_redirects', '0', '1'),
  ...needOnInterfaces('accept_source_route', '0', '0'),
  ...needOnInterfaces('rp_filter', ['1', '2'], '0'),
  ...needOnInterfaces('log_martians', '1', '0'),
  need('net.ipv6.conf.all.accept_redirects', '0', '1'),
  need('net.ipv6.conf.default.accept_redirects', '0', '1'),
];

/** Of CIS. Packages that collect cores set 2: the memory of a setuid program for root to read. */
export const coreRequirements: readonly SysctlRequirement[] = [need('fs.suid_dumpable', '0', '0')];
