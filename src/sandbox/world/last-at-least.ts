import type { SandboxServices } from './services.js';

/**
 * Waits until a transition that began at `since` (ISO 8601) has lasted `durationMs`: what the machine itself takes is a part of
 * it, as on AWS. Ends early when the sandbox closes.
 */
export async function lastAtLeast(
  durationMs: number,
  since: string | undefined,
  { clock, signal }: Pick<SandboxServices, 'clock' | 'signal'>,
): Promise<void> {
  const elapsedMs = since === undefined ? 0 : clock.now().getTime() - Date.parse(since);
  if (elapsedMs < durationMs) await clock.wait(durationMs - elapsedMs, signal);
}
