import { parseFstab } from '../../parse/fstab.js';
import { findLine } from '../../parse/lines.js';
import type { RuleContext } from '../context.js';
import { expandGlob } from '../glob.js';
import { type Leftover, listLeftovers } from '../leftovers.js';
import { type Fault, inEveryPolicy, type RuleGroup, whenPublished } from '../rule.js';

/** What takes room in the snapshot, and what points back at the build. */
export const diskResidueRules: RuleGroup = {
  checks: [
    {
      id: 'SEAL-011',
      title: 'Package caches are empty',
      why: 'They enlarge the snapshot, and age.',
      source: 'virt-sysprep package-manager-cache',
      remedy: 'apt-get clean && rm -rf /var/lib/apt/lists/*; dnf clean all && rm -rf /var/cache/{yum,dnf}.',
      policies: inEveryPolicy,
      severity: 'low',
    },
    {
      id: 'SEAL-012',
      title: 'Temporary folders are empty',
      why: 'Whatever a build step forgot lies here.',
      source: 'virt-sysprep tmp-files',
      remedy: 'find /tmp /var/tmp -xdev -mindepth 1 -delete, as the last step.',
      policies: inEveryPolicy,
      severity: 'low',
    },
    {
      id: 'SEAL-018',
      title: 'No swap in the image',
      why: 'Swap keeps what programs of the build had in memory, secrets too, and enlarges the snapshot.',
      source: 'buildimg',
      remedy: 'swapoff -a, shred -u the file, take it out of /etc/fstab; make swap at first boot.',
      policies: inEveryPolicy,
      severity: 'medium',
    },
    {
      id: 'SEAL-019',
      title: 'No backup files of editors and packages',
      why: 'A .bak of a configuration keeps the password that was taken out of it.',
      source: 'virt-sysprep backup-files',
      remedy: 'Look at the file, then remove it. A .rpmsave may still be needed.',
      policies: whenPublished,
      severity: 'low',
    },
    {
      id: 'SEAL-023',
      title: 'No update stamps of systemd',
      why: 'ConditionNeedsUpdate compares them with /usr; stale ones only cost time.',
      source: 'EC2 Image Builder clean-up',
      remedy: 'rm -f /etc/.updated /var/.updated',
      policies: inEveryPolicy,
      severity: 'info',
    },
    {
      id: 'SEAL-024',
      title: 'Packages come from public places',
      why: 'A proxy or mirror of the build farm is out of reach for customers, and its URL may carry a password.',
      source: 'image-builder',
      remedy: 'Remove the Acquire::http::Proxy or proxy= line.',
      policies: whenPublished,
      severity: 'medium',
    },
  ],
  evaluate: findDiskResidue,
};

const EMPTY_X11_FOLDERS = /^\/tmp\/\.(?:X11|ICE|XIM|font|Test)-unix$/;

const LEFTOVERS: readonly Leftover[] = [
  {
    check: 'SEAL-011',
    paths: ['/var/cache/apt/archives/*.deb', '/var/cache/apt/*.bin', '/var/lib/apt/lists/*'],
    what: 'a cache of apt',
    except: (entry) => entry.path.endsWith('/lock'),
  },
  {
    check: 'SEAL-011',
    paths: ['/var/cache/{yum,dnf,libdnf5}/**', '/var/lib/dnf/history*', '/var/lib/yum/history/*'],
    what: 'a cache of dnf',
    except: (entry) => /\.(?:shm|wal)$/.test(entry.path),
  },
  {
    check: 'SEAL-012',
    paths: ['/tmp/*', '/var/tmp/*', '/dev/shm/*'],
    what: 'left in a temporary folder',
    evenIfEmpty: true,
    except: (entry) => EMPTY_X11_FOLDERS.test(entry.path),
  },
  { check: 'SEAL-018', paths: ['/{swapfile,swap.img,swap}', '/var/{swapfile,swap}'], what: 'a swap file' },
  {
    check: 'SEAL-019',
    paths: [
      '/{etc,srv}/**/{*.bak,*~,*.orig,*.rpmsave,*.dpkg-old,*.dpkg-bak,*.ucf-old,.*.swp}',
      '~/{*.bak,*~,*.orig,.*.swp}',
    ],
    what: 'a backup file',
  },
  { check: 'SEAL-023', paths: ['/{etc,var}/.updated'], what: 'an update stamp' },
];

async function* findDiskResidue(context: RuleContext): AsyncIterable<Fault> {
  yield* listLeftovers(context, LEFTOVERS);
  for (const { device, type, line } of parseFstab((await context.readText('/etc/fstab')) ?? '')) {
    if (type === 'swap')
      yield { check: 'SEAL-018', path: '/etc/fstab', line, message: `${device} is swap in the image` };
  }
  yield* await listProxies(context);
}

const APT_PROXY = /^\s*Acquire::\S*::Proxy\b(?!\s+"?(?:DIRECT|false))/i;

async function listProxies(context: RuleContext): Promise<readonly Fault[]> {
  const files = expandGlob(
    context.tree,
    '/etc/{apt/apt.conf,apt/apt.conf.d/*,dnf/dnf.conf,yum.conf,yum.repos.d/*.repo}',
  );
  const faults: Fault[] = [];
  for (const { path } of files) {
    const text = (await context.readText(path)) ?? '';
    const proxy = findLine(text, APT_PROXY) ?? findLine(text, /^\s*proxy\s*=\s*(?!_none_)\S/);
    if (proxy) {
      const message = `${path} sends package downloads through a proxy`;
      faults.push({ check: 'SEAL-024', path, line: proxy.line, message });
    }
  }
  return faults;
}
