import { createHash } from 'node:crypto';
import type { FileEntry } from '../../tree/file-tree.js';
import type { RuleContext } from '../context.js';
import { mapInBatches } from '../map-in-batches.js';
import { type Fault, inEveryPolicy, type RuleGroup } from '../rule.js';

/** Programs as their packages brought them. */
export const integrityRules: RuleGroup = {
  checks: [
    {
      id: 'OS-005',
      title: 'Programs are as their packages shipped them',
      why: 'A changed passwd, sshd or PAM module is how a back door looks from outside.',
      source: 'lynis PKGS-7354; CIS',
      remedy: 'Reinstall the package: apt-get install --reinstall, dnf reinstall. Put own versions into /usr/local.',
      policies: inEveryPolicy,
      severity: 'high',
    },
  ],
  evaluate: findChangedPrograms,
};

/** What root runs or loads. Documentation, locales and the like are left out: 90 % of the bytes, and none of the risk. */
const LOOKED_AT =
  /^\/(?:usr\/)?(?:s?bin|libexec)\/|\/security\/pam_[^/]+\.so$|\/systemd\/system\/|\/lib\/systemd\/systemd[^/]*$|\/ld-linux[^/]*$|\/libc\.so\.6$|\/libpam[^/]*$|\/openssh\//;
const MAX_PROGRAM_BYTES = 16 * 1024 * 1024;
const BATCH_SIZE = 16;

async function* findChangedPrograms(context: RuleContext): AsyncIterable<Fault> {
  const packages = await context.packages();
  if (packages.kind !== 'dpkg' && packages.kind !== 'rpm') {
    context.skip(
      'OS-005',
      packages.kind === 'none' ? 'There is no package database' : 'The package database has a format that is not read',
    );
    return;
  }
  const files = new Map<string, FileEntry>();
  for (const path of packages.programs()) {
    const entry = LOOKED_AT.test(path) ? context.tree.resolve(path) : undefined;
    // A link to elsewhere (alternatives, diversions) is somebody's decision, not damage.
    if (entry?.type === 'file' && entry.path === path && entry.size <= MAX_PROGRAM_BYTES) files.set(path, entry);
  }
  for await (const path of mapInBatches(
    [...files.values()],
    BATCH_SIZE,
    async (entry) => await findChange(context, entry),
  )) {
    if (path) yield { check: 'OS-005', path, message: `${path} is not what its package shipped` };
  }
}

async function findChange(context: RuleContext, entry: FileEntry): Promise<string | undefined> {
  context.signal?.throwIfAborted();
  const digest = (await context.packages()).findDigest(entry.path);
  if (!digest) return undefined;
  try {
    const content = await context.tree.read(entry, entry.size);
    return createHash(digest.algorithm).update(content).digest('hex') === digest.value ? undefined : entry.path;
  } catch (cause) {
    context.reportGap(entry.path, cause);
    return undefined;
  }
}
