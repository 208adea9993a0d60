import { findLine, matchLines } from '../../parse/lines.js';
import {
  parseAptSources,
  parseDeb822Sources,
  parseYumRepositories,
  type Repository,
} from '../../parse/repositories.js';
import type { RuleContext } from '../context.js';
import { expandGlob } from '../glob.js';
import { type Fault, forCis, inEveryPolicy, type RuleGroup } from '../rule.js';

/** What is installed, and where it comes from. */
export const packageRules: RuleGroup = {
  checks: [
    {
      id: 'OS-006',
      title: 'Packages are checked against a key',
      why: 'Without a signature whoever sits on the way installs what they like, as root.',
      source: 'CIS; dev-sec os',
      remedy: 'gpgcheck=1; take [trusted=yes] and Allow-Insecure out of the sources.',
      policies: inEveryPolicy,
      severity: 'high',
    },
    {
      id: 'OS-007',
      title: 'No packages that are insecure by design',
      why: 'They send passwords in clear, or run what the network asks for.',
      source: 'dev-sec os; CIS',
      remedy: 'apt-get purge or dnf remove the package.',
      policies: forCis,
      severity: 'medium',
    },
    {
      id: 'OS-008',
      title: 'Security updates come by themselves, or on purpose not',
      why: 'Long-lived instances need them; fleets that are replaced do not. It should be a choice.',
      source: 'lynis PKGS-7420',
      remedy: 'Install unattended-upgrades or dnf-automatic and enable its timer; or waive this with the reason.',
      policies: forCis,
      severity: 'info',
    },
    {
      id: 'OS-012',
      title: 'No compilers',
      why: 'They save an intruder the trouble of bringing one.',
      source: 'lynis HRDN-7220',
      remedy: 'Remove gcc, binutils and their like after the build.',
      policies: forCis,
      severity: 'info',
    },
  ],
  evaluate: findPackageFaults,
};

/** Beside their names, programs by which the packages are known where no database can be read. */
const INSECURE_PROGRAMS: Readonly<Record<string, string>> = {
  telnetd: '/usr/sbin/{in.telnetd,telnetd}',
  'rsh-server': '/usr/sbin/{in.rshd,in.rlogind,in.rexecd}',
  xinetd: '/usr/sbin/xinetd',
  inetd: '/usr/sbin/inetd',
  ypserv: '/usr/sbin/ypserv',
  tftpd: '/usr/sbin/{in.tftpd,tftpd}',
  prelink: '/usr/sbin/prelink',
  vsftpd: '/usr/sbin/vsftpd',
};

async function* findPackageFaults(context: RuleContext): AsyncIterable<Fault> {
  yield* await listRepositoryFaults(context);
  const packages = await context.packages();
  for (const [name, programs] of Object.entries(INSECURE_PROGRAMS)) {
    const found = expandGlob(context.tree, programs);
    for (const { path } of found) yield { check: 'OS-007', path, message: `${name} is installed` };
    if (found.length === 0 && packages.has(name)) yield { check: 'OS-007', message: `${name} is installed` };
  }
  yield* await listUpdateFaults(context);
  for (const { path } of expandGlob(context.tree, '/usr/bin/{gcc,cc,g++,clang,as}')) {
    yield { check: 'OS-012', path, message: `${path} is a compiler or assembler` };
  }
}

const UPDATE_UNITS = ['dnf-automatic.timer', 'dnf-automatic-install.timer', 'yum-cron.service', 'dnf5-automatic.timer'];

async function listUpdateFaults(context: RuleContext): Promise<readonly Fault[]> {
  const units = await context.units();
  if (UPDATE_UNITS.some((name) => units.isEnabled(name))) return [];
  // On Debian the unit of unattended-upgrades only finishes at shutdown; a timer of apt starts it, if this setting says so.
  if (units.isEnabled('unattended-upgrades.service') && !units.isMasked('apt-daily-upgrade.timer')) {
    let isOn = false;
    for (const { path } of expandGlob(context.tree, '/etc/apt/{apt.conf,apt.conf.d/*}')) {
      const text = (await context.readText(path)) ?? '';
      for (const { found } of matchLines(text, /^\s*APT::Periodic::Unattended-Upgrade\s+"?(\w+)/))
        isOn = found[1] !== '0';
    }
    if (isOn) return [];
  }
  return [
    { check: 'OS-008', path: '/etc/systemd/system', message: 'Neither unattended-upgrades nor dnf-automatic is on' },
  ];
}

const SOURCES: readonly (readonly [glob: string, parse: (text: string) => readonly Repository[]])[] = [
  ['/etc/apt/{sources.list,sources.list.d/*.list}', parseAptSources],
  ['/etc/apt/sources.list.d/*.sources', parseDeb822Sources],
  ['/etc/yum.repos.d/*.repo', parseYumRepositories],
  ['/etc/{yum.conf,dnf/dnf.conf}', parseYumRepositories],
];

const UNCHECKED_APT =
  /^\s*(?:Acquire::Allow(?:Insecure|Weak|Downgrade\S*Insecure)Repositories|APT::Get::AllowUnauthenticated)\s+"?(?:true|yes|1)/i;

async function listRepositoryFaults(context: RuleContext): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  for (const [glob, parse] of SOURCES) {
    for (const { path } of expandGlob(context.tree, glob)) {
      for (const { unsigned, line } of parse((await context.readText(path)) ?? '')) {
        if (unsigned)
          faults.push({ check: 'OS-006', path, line, message: `${unsigned}: packages from here are not checked` });
      }
    }
  }
  for (const { path } of expandGlob(context.tree, '/etc/apt/{apt.conf,apt.conf.d/*}')) {
    const off = findLine((await context.readText(path)) ?? '', UNCHECKED_APT);
    if (off)
      faults.push({ check: 'OS-006', path, line: off.line, message: `${off.text.trim()}: packages are not checked` });
  }
  return faults;
}
