import type { RuleContext } from '../context.js';
import { expandHomeGlob } from '../home-glob.js';
import { type Fault, forMarketplace, type RuleGroup, whenPublished } from '../rule.js';

/** Databases, repositories and containers: places that hold more than a look at files can show. */
export const dataStoreRules: RuleGroup = {
  checks: [
    {
      id: 'SEC-007',
      title: 'A database in the image gets its passwords at first boot',
      why: 'Users that were made in the build have the same password on every instance.',
      source: 'AWS Marketplace AMI policy (no default passwords for services)',
      remedy: 'Add the first-boot provisioner with a hook for the database, or initialise it at first boot.',
      policies: forMarketplace,
      severity: 'medium',
    },
    {
      id: 'SEC-011',
      title: 'No container layers and volumes',
      why: 'Layers keep files that later ones delete, and volumes keep the data of the build.',
      source: 'buildimg',
      remedy:
        'docker system prune --all --volumes; pull images at first boot, or waive them when they are the product.',
      policies: whenPublished,
      severity: 'medium',
    },
  ],
  evaluate: findDataStores,
};

const DATABASES = [
  '/var/lib/mysql/mysql.ibd',
  '/var/lib/mysql/mysql/user.frm',
  '/var/lib/mysql/mysql/global_priv.MAD',
  '/var/lib/postgresql/*/*/global/pg_control',
  '/var/lib/pgsql/{data,*/data}/global/pg_control',
  '/var/lib/mongodb/WiredTiger',
  '/var/lib/mongo/WiredTiger',
];
const CONTAINERS = [
  '/var/lib/docker/overlay2/*',
  '/var/lib/docker/volumes/*/_data',
  '/var/lib/containerd/io.containerd.snapshotter.*/snapshots/*',
  '/var/lib/containers/storage/overlay/*',
];

async function* findDataStores(context: RuleContext): AsyncIterable<Fault> {
  const units = await context.units();
  const isRotated = units.isEnabled('buildimg-first-boot.service');
  for (const pattern of DATABASES) {
    for (const { path } of await expandHomeGlob(context, pattern)) {
      const severity = isRotated ? 'info' : 'medium';
      const rotation = isRotated
        ? 'first-boot credentials are set up; see that they cover it'
        : 'nothing changes its passwords at first boot';
      yield { check: 'SEC-007', severity, path, message: `Here is a database with its users: ${rotation}` };
    }
  }
  for (const pattern of ['/{opt,srv,var/www,usr/local/src}/*/.git', '/{opt,srv,var/www}/.git', '~/*/.git', '~/.git']) {
    for (const { path } of await expandHomeGlob(context, pattern)) {
      yield { check: 'SEC-010', path, message: `${path} holds the history of a repository` };
    }
  }
  for (const pattern of CONTAINERS) {
    const [first, ...others] = (await expandHomeGlob(context, pattern)).filter(
      (each) => each.type === 'directory' && !each.path.endsWith('/l'),
    );
    if (first)
      yield {
        check: 'SEC-011',
        path: first.path,
        message: `Container data of the build, here and in ${others.length} more folders`,
      };
  }
}
