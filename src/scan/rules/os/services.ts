import { findLine } from '../../parse/lines.js';
import type { RuleContext } from '../context.js';
import { expandGlob } from '../glob.js';
import { type Fault, forCis, forMarketplace, type RuleGroup } from '../rule.js';

/** What runs, what listens, what is written down. */
export const serviceRules: RuleGroup = {
  checks: [
    {
      id: 'LOG-001',
      title: 'What happens is written down',
      why: 'Without a persistent log nobody can tell afterwards who was there.',
      source: 'CIS',
      remedy: 'Enable rsyslog, or a persistent journal (Storage=persistent in /etc/systemd/journald.conf.d).',
      policies: forCis,
      severity: 'low',
    },
    {
      id: 'AUD-001',
      title: 'auditd runs and has rules',
      why: 'It tells who changed accounts, sudo and the clock; without rules it records next to nothing.',
      source: 'CIS',
      remedy: 'Install and enable auditd, with rules in /etc/audit/rules.d.',
      policies: forCis,
      severity: 'low',
    },
    {
      id: 'NET-001',
      title: 'No services that an image seldom needs',
      why: 'Every service that listens is one more way in; AWS Marketplace asks for the least that the product needs.',
      source: 'AWS Marketplace AMI policy; CIS',
      remedy: 'Remove the package, or systemctl mask the unit. A service that is the product: waive it.',
      policies: [...forMarketplace, ...forCis],
      severity: 'medium',
    },
    {
      id: 'NET-002',
      title: 'A host firewall is set up',
      why: 'The security group is the first wall; this is the second.',
      source: 'CIS',
      remedy: 'Enable nftables, firewalld or ufw, with port 22 open.',
      policies: forCis,
      severity: 'info',
    },
    {
      id: 'NET-003',
      title: 'The clock follows the Amazon Time Sync Service',
      why: 'It works without internet access; signatures of API calls fail when the clock is off.',
      source: 'EC2 user guide',
      remedy: 'server 169.254.169.123 prefer iburst in the configuration of chrony.',
      policies: forCis,
      severity: 'low',
    },
  ],
  evaluate: findServiceFaults,
};

const SELDOM_NEEDED = `
  avahi-daemon.service avahi-daemon.socket cups.service rpcbind.service rpcbind.socket telnet.socket rsh.socket
  vsftpd.service exim4.service smbd.service nmbd.service nfs-server.service snmpd.service xinetd.service
  ypserv.service tftp.socket isc-dhcp-server.service dhcpd.service named.service slapd.service rsync.service
  rsyncd.service x11vnc.service xrdp.service vncserver@.service bluetooth.service ModemManager.service
`
  .trim()
  .split(/\s+/);

async function* findServiceFaults(context: RuleContext): AsyncIterable<Fault> {
  const units = await context.units();
  for (const name of SELDOM_NEEDED) {
    if (units.enabled.has(name) && !units.isMasked(name))
      yield { check: 'NET-001', path: '/etc/systemd/system', message: `${name} is enabled` };
  }
  if (!(await hasPersistentLog(context))) {
    yield { check: 'LOG-001', path: '/var/log/journal', message: 'Neither a persistent journal nor rsyslog is set up' };
  }
  if (!units.isEnabled('auditd.service'))
    yield { check: 'AUD-001', path: '/etc/systemd/system', message: 'auditd is not enabled' };
  else if (!(await hasAuditRules(context)))
    yield { check: 'AUD-001', path: '/etc/audit/rules.d', message: 'auditd has no rules' };
  const firewalls = [
    'nftables.service',
    'firewalld.service',
    'ufw.service',
    'iptables.service',
    'netfilter-persistent.service',
  ];
  if (!firewalls.some((name) => units.isEnabled(name))) {
    yield { check: 'NET-002', path: '/etc/systemd/system', message: `None of ${firewalls.join(', ')} is enabled` };
  }
  if (!(await usesAmazonTime(context))) {
    yield { check: 'NET-003', path: '/etc/chrony', message: 'No time service asks 169.254.169.123' };
  }
}

async function hasPersistentLog(context: RuleContext): Promise<boolean> {
  const units = await context.units();
  if (units.isEnabled('rsyslog.service') || context.tree.resolve('/var/log/journal')) return true;
  for (const { path } of expandGlob(context.tree, '/etc/systemd/{journald.conf,journald.conf.d/*.conf}')) {
    if (findLine((await context.readText(path)) ?? '', /^\s*Storage\s*=\s*persistent/)) return true;
  }
  return false;
}

async function hasAuditRules(context: RuleContext): Promise<boolean> {
  for (const { path } of expandGlob(context.tree, '/etc/audit/rules.d/*.rules')) {
    if (findLine((await context.readText(path)) ?? '', /^\s*-[wa]\s/)) return true;
  }
  return false;
}

const AMAZON_TIME = /^\s*(?:server|pool|NTP=).*(?:169\.254\.169\.123|fd00:ec2::123|time\.aws\.com)/;

async function usesAmazonTime(context: RuleContext): Promise<boolean> {
  const files = expandGlob(
    context.tree,
    '/{etc/chrony.conf,etc/chrony/**,etc/chrony.d/*,usr/lib/chrony/**,usr/share/amazon-chrony-config/**,etc/systemd/timesyncd.conf,etc/systemd/timesyncd.conf.d/*}',
  );
  for (const { path } of files) {
    if (findLine((await context.readText(path)) ?? '', AMAZON_TIME)) return true;
  }
  return false;
}
