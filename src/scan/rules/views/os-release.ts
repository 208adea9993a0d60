import { type OsRelease, parseOsRelease } from '../../parse/os-release.js';
import type { RuleContext } from '../context.js';

/** Which system the target holds; `linux` without a version where it does not say. */
export async function loadOsRelease(context: RuleContext): Promise<OsRelease> {
  const text = (await context.readText('/etc/os-release')) ?? (await context.readText('/usr/lib/os-release'));
  return parseOsRelease(text ?? '');
}
