// Who answers on the instance's port is known before anybody is asked: EC2 gives the console to the account alone, and
// cloud-init writes the host's public keys to it.
import { writeFile } from 'node:fs/promises';
import { endOfConsole } from '../../../aws/read-console-end.js';
import { waitUntil } from '../../../aws/wait-until.js';
import { BuildimgError, createError } from '../../../errors.js';
import { assertAlive, type InstanceScope } from '../run-script.js';

export const HOST_KEYS_BEGIN = '-----BEGIN SSH HOST KEY KEYS-----';
export const HOST_KEYS_END = '-----END SSH HOST KEY KEYS-----';

const LONGEST_DELAY_MS = 3000;

/**
 * Waits for the host keys and writes them to `file`, as known_hosts of the name `instanceId`.
 * Errors: EC2_HOST_KEYS_UNSEEN with the end of the console; EC2_INSTANCE_LOST.
 */
export async function pinHostKeys(file: string, { limitMs, ...scope }: InstanceScope & { readonly limitMs: number }) {
  const { aws, instanceId, clock, signal } = scope;
  let console = '';
  try {
    const keys = await waitUntil({
      what: `the host keys of ${instanceId}`,
      limitMs,
      longestDelayMs: LONGEST_DELAY_MS,
      clock,
      signal,
      async check() {
        console = await aws.instances.readConsole(instanceId);
        const found = parseHostKeys(console);
        if (found.length > 0) return found;
        await assertAlive(scope);
        return undefined;
      },
    });
    await writeFile(file, keys.map((key) => `${instanceId} ${key}\n`).join(''), { mode: 0o600 });
  } catch (error) {
    if (!(error instanceof BuildimgError && error.code === 'WAIT_TIMED_OUT')) throw error;
    const values = [instanceId, Math.round(limitMs / 1000), endOfConsole(console)] as const;
    throw createError('EC2_HOST_KEYS_UNSEEN', [...values], { cause: error });
  }
}

/** Type and key of each, from the last list that is whole; the kernel may write between its lines. */
export function parseHostKeys(console: string): readonly string[] {
  const end = console.lastIndexOf(HOST_KEYS_END);
  const begin = console.lastIndexOf(HOST_KEYS_BEGIN, end);
  if (end === -1 || begin === -1) return [];
  const keys = console.slice(begin, end).matchAll(KEY);
  return [...new Set([...keys].map(([, type, key]) => `${type} ${key}`))];
}

const KEY = /(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) (AAAA[A-Za-z0-9+/]+={0,2})(?=\s)/g;
