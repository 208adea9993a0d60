import { isIPv4 } from 'node:net';
import { createError } from '../errors.js';

const ASKED = 'https://checkip.amazonaws.com';
const LIMIT_MS = 10_000;

/**
 * The public IPv4 address that this machine is seen with, as `a.b.c.d/32`; asked from Amazon's own service, as
 * Packer's `temporary_security_group_source_public_ip` does in later versions.
 * @throws OWN_ADDRESS_UNKNOWN
 */
export async function findOwnAddress(signal: AbortSignal, ask: typeof fetch = fetch): Promise<string> {
  const address = await askForAddress(signal, ask);
  if (!isIPv4(address)) {
    throw createError('OWN_ADDRESS_UNKNOWN', [`${ASKED} answered "${address.slice(0, 60)}"`]);
  }
  return `${address}/32`;
}

async function askForAddress(signal: AbortSignal, ask: typeof fetch): Promise<string> {
  try {
    const answer = await ask(ASKED, { signal: AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]) });
    return (await answer.text()).trim();
  } catch (error) {
    signal.throwIfAborted();
    throw createError('OWN_ADDRESS_UNKNOWN', [`${ASKED}: ${(error as Error).message}`], { cause: error });
  }
}
