import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createError } from '../../../errors.js';
import { ensurePrivateFolder } from '../../../private-folder.js';
import type { BuildContext } from '../../context.js';
import { hasErrorCode } from '../../has-error-code.js';
import type { Run } from '../../run.js';

/** Names below the run's folder of keys. */
export const KEY_FILE = 'key';

/** Where a run keeps what it logs in with, closed to other users; removed when the run has ended. */
export function findSshFolder({ folder }: Pick<Run, 'folder'>): string {
  return join(folder, 'ssh');
}

/**
 * The line for authorized_keys of a key pair that is made on this machine, or was by an earlier attempt of the run. EC2 gets
 * no key pair: the line travels in the user data of the one instance.
 * Errors: EC2_SSH_MISSING without OpenSSH's programs.
 */
export async function ensureTemporaryKey(run: Run, { environment }: Pick<BuildContext, 'environment'>) {
  const folder = findSshFolder(run);
  ensurePrivateFolder(folder);
  const publicFile = join(folder, `${KEY_FILE}.pub`);
  const known = await readFile(publicFile, 'utf8').catch(() => '');
  if (known.endsWith('\n')) return known.trim();
  // A private key without its public half was never given to anybody.
  await rm(join(folder, KEY_FILE), { force: true });
  await rm(publicFile, { force: true });
  const { execa } = await import('execa');
  const words = ['-q', '-t', 'ed25519', '-N', '', '-C', `buildimg-${run.id}`, '-f', KEY_FILE];
  const made = await execa('ssh-keygen', words, { cwd: folder, env: environment, extendEnv: false, reject: false });
  if (hasErrorCode(made, 'ENOENT')) throw createError('EC2_SSH_MISSING', ['ssh-keygen']);
  if (made.exitCode !== 0) throw new Error(`ssh-keygen ended with ${made.exitCode}: ${made.stderr}`);
  return (await readFile(publicFile, 'utf8')).trim();
}

/** Nobody can log in with it any more. */
export async function removeTemporaryKey(run: Pick<Run, 'folder'>): Promise<void> {
  await rm(findSshFolder(run), { recursive: true, force: true });
}
