import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findCacheFolder } from './find-cache-folder.js';

const run = promisify(execFile);

/** Packages of PyPI in a virtual environment of their own, outside the checkout; installed by the first who asks. */
export async function installPythonPackages(
  name: string,
  packages: readonly string[],
  isComplete: (bin: string) => boolean,
): Promise<string> {
  const folder = findCacheFolder('test-tools', name);
  const bin = join(folder, 'bin');
  if (isComplete(bin)) return bin;
  // Without pip of its own: Debian has what would put it there in a package apart.
  await run('python3', ['-m', 'venv', '--without-pip', folder]);
  const python = ['--python', join(bin, 'python')];
  await run('pip3', [...python, 'install', '--quiet', ...packages], { maxBuffer: 64 * 1024 * 1024 });
  return bin;
}
