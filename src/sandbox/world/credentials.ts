import { randomBytes } from 'node:crypto';
import { chmod, readFile } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';
import type { Account } from './accounts.js';

/** A sandbox's own account and the key that acts for it; the other accounts, if there are any. */
export interface SandboxCredentials {
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Opens the control paths below /_sandbox; never leaves the state folder. */
  readonly controlToken: string;
  /** Organisations and organisational units of the sandbox's own account. */
  readonly memberOf?: readonly string[];
  readonly otherAccounts?: readonly Account[];
}

// No real account: AWS has handed out no id that starts with so many zeros after its first digit.
const ACCOUNT_ID = '100000000000';

/** Reads the sandbox's key, or makes one the first time. The file is readable by its owner only. */
export async function ensureCredentials(file: string): Promise<SandboxCredentials> {
  const existing = await findCredentials(file);
  if (existing !== undefined) return existing;
  const credentials: SandboxCredentials = {
    accountId: ACCOUNT_ID,
    ...createAccessKey(),
    controlToken: randomBytes(24).toString('hex'),
  };
  await writeCredentials(file, credentials);
  return credentials;
}

/** Reads the sandbox's key; undefined when none was made yet. */
export async function findCredentials(file: string): Promise<SandboxCredentials | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  await chmod(file, 0o600);
  return JSON.parse(text) as SandboxCredentials;
}

export async function writeCredentials(file: string, credentials: SandboxCredentials): Promise<void> {
  await writeFileAtomic(file, `${JSON.stringify(credentials, undefined, 2)}\n`, { mode: 0o600 });
}

/** A key that opens nothing but this sandbox. */
export function createAccessKey(): Pick<SandboxCredentials, 'accessKeyId' | 'secretAccessKey'> {
  return {
    accessKeyId: `AKIASBX${randomText(13, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`,
    secretAccessKey: randomBytes(30).toString('base64'),
  };
}

function randomText(length: number, alphabet: string): string {
  return [...randomBytes(length)].map((byte) => alphabet[byte % alphabet.length]).join('');
}
