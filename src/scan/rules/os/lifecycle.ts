import type { RuleContext } from '../context.js';
import { expandGlob } from '../glob.js';
import { type Fault, inEveryPolicy, type RuleGroup } from '../rule.js';
import { findEndOfLife } from './end-of-life.js';

/** Whether the system is still looked after, and was lately. */
export const lifecycleRules: RuleGroup = {
  checks: [
    {
      id: 'OS-001',
      title: 'The operating system gets security updates',
      why: 'AWS Marketplace refuses a system at its end of life; nobody closes its holes.',
      source: 'AWS Marketplace AMI policy; lynis software-eol',
      remedy: 'Build on a release that is supported.',
      policies: inEveryPolicy,
      severity: 'high',
      severityIn: { marketplace: 'critical' },
    },
    {
      id: 'OS-003',
      title: 'The last update is less than 30 days old',
      why: 'An image ages from the day it is made: what it lacks, every launch lacks.',
      source: 'AWS Marketplace AMI policy; CIS',
      remedy: 'Build the image again, with the update provisioner.',
      policies: inEveryPolicy,
      severity: 'medium',
    },
    {
      id: 'OS-004',
      title: 'One kernel, and no restart pending',
      why: 'An old kernel may be the one that boots; it also takes room.',
      source: 'lynis KRNL-5830, PKGS-7410',
      remedy: 'apt-get autoremove --purge; dnf remove --oldinstallonly; restart before sealing.',
      policies: inEveryPolicy,
      severity: 'low',
    },
  ],
  evaluate: findLifecycleFaults,
};

const DAY_MS = 86_400_000;
const MAX_UPDATE_AGE_DAYS = 30;

/** Files that change whenever packages do; their content may be sealed away, their time is not. */
const UPDATE_STAMPS = [
  '/var/lib/apt/periodic/update-success-stamp',
  '/var/lib/dpkg/status',
  '/var/lib/rpm/rpmdb.sqlite',
  '/usr/lib/sysimage/rpm/rpmdb.sqlite',
  '/var/lib/rpm/Packages',
  '/var/lib/rpm/Packages.db',
];

async function* findLifecycleFaults(context: RuleContext): AsyncIterable<Fault> {
  const { id, versionId, prettyName } = await context.osRelease();
  const row = findEndOfLife(id, versionId);
  if (!row) context.skip('OS-001', `No end of life is known for ${prettyName}`);
  else if (context.now.getTime() > Date.parse(`${row.date}T23:59:59Z`)) {
    yield {
      check: 'OS-001',
      path: '/etc/os-release',
      message: `${prettyName} had its last security updates on ${row.date}`,
    };
  }
  yield* listAgeFaults(context);
  const restart = context.tree.resolve('/run/reboot-required') ?? context.tree.resolve('/var/run/reboot-required');
  if (restart) yield { check: 'OS-004', path: restart.path, message: 'An update waits for a restart' };
  const kernels = expandGlob(context.tree, '/boot/vmlinuz-*').filter(
    (each) => each.type === 'file' && !/rescue/.test(each.path),
  );
  if (kernels.length > 1) {
    yield { check: 'OS-004', path: kernels[0]?.path, message: `There are ${kernels.length} kernels in /boot` };
  }
}

function* listAgeFaults(context: RuleContext): Iterable<Fault> {
  const { tree, now } = context;
  const stamps = UPDATE_STAMPS.flatMap((path) => tree.resolve(path) ?? []);
  const [newest] = stamps.toSorted((one, other) => other.modifiedAt - one.modifiedAt);
  if (!newest) return context.skip('OS-003', 'There is no package database to tell the time of the last update');
  const days = Math.floor((now.getTime() - newest.modifiedAt * 1000) / DAY_MS);
  if (days > MAX_UPDATE_AGE_DAYS)
    yield { check: 'OS-003', path: newest.path, message: `Packages last changed ${days} days ago` };
}
