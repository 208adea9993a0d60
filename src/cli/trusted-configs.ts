// Which configs in TypeScript their user has read and trusts with the whole environment: by path and content, so that a
// changed file asks again. What the file imports is not looked at.
import { createHash } from 'node:crypto';
import { mkdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { findStateFolder } from '../build/run-folder.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether the config was trusted as it is now. */
export async function isTrustedConfig(file: string, environment: Environment): Promise<boolean> {
  try {
    const { path, digest } = await identify(file);
    return (await readTrusted(environment)).get(path) === digest;
  } catch {
    // A file that cannot be read is refused where it is loaded.
    return false;
  }
}

/** Trusts the config as it is now. */
export async function trustConfig(file: string, environment: Environment): Promise<void> {
  const { path, digest } = await identify(file);
  const trusted = new Map([...(await readTrusted(environment)), [path, digest]]);
  const list = listFile(environment);
  await mkdir(dirname(list), { recursive: true, mode: 0o700 });
  await writeFileAtomic(list, `${JSON.stringify(Object.fromEntries(trusted), undefined, 2)}\n`, { mode: 0o600 });
}

function listFile(environment: Environment): string {
  return join(findStateFolder(environment), 'trusted-configs.json');
}

async function identify(file: string) {
  const path = await realpath(file);
  return {
    path,
    digest: createHash('sha256')
      .update(await readFile(path))
      .digest('hex'),
  };
}

/** None where there is no list, or one that nobody can read. */
async function readTrusted(environment: Environment): Promise<ReadonlyMap<string, unknown>> {
  try {
    const list: unknown = JSON.parse(await readFile(listFile(environment), 'utf8'));
    return new Map(Object.entries(list ?? {}));
  } catch {
    return new Map();
  }
}
