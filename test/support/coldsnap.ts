import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findCacheFolder } from './find-cache-folder.js';

const VERSION = '0.12.0';

/**
 * The real coldsnap, compiled outside the checkout by the first who asks: minutes of work for two cores, most of it the SDK's,
 * so without optimisation, and behind whatever else runs.
 */
export async function installColdsnap(): Promise<string> {
  const folder = findCacheFolder('test-tools', `coldsnap-${VERSION}`);
  const program = join(folder, 'bin', 'coldsnap');
  if (existsSync(program)) return program;
  const target = join(folder, 'target');
  const words = ['install', 'coldsnap', '--version', VERSION, '--locked', '--debug', '--quiet', '--root', folder];
  const env = { ...process.env, CARGO_TARGET_DIR: target, CARGO_PROFILE_DEV_DEBUG: '0', CARGO_INCREMENTAL: '0' };
  await promisify(execFile)('nice', ['cargo', ...words], { env, maxBuffer: 64 * 1024 * 1024 });
  await rm(target, { recursive: true, force: true });
  return program;
}
