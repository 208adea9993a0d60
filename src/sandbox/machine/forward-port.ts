import { createError } from '../../errors.js';
import type { LaunchRequest } from './instance-driver.js';
import type { QmpClient } from './qmp-client.js';

/** Forwards a port of the instance's public address to its guest, in place of an earlier rule. Error: SANDBOX_QMP_FAILED. */
export async function forwardPort(
  qmp: QmpClient,
  { publicIp, privateIp }: LaunchRequest,
  { host, guest }: { readonly host: number; readonly guest: number },
): Promise<void> {
  const rule = `tcp:${publicIp}:${host}`;
  await qmp.execute('human-monitor-command', { 'command-line': `hostfwd_remove net0 ${rule}` });
  const command = `hostfwd_add net0 ${rule}-${privateIp}:${guest}`;
  const answer = await qmp.execute('human-monitor-command', { 'command-line': command });
  // The human monitor answers with text only when something is wrong.
  if (typeof answer === 'string' && answer.trim() !== '') {
    throw createError('SANDBOX_QMP_FAILED', [command, answer.trim()]);
  }
}
