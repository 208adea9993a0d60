import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

// The version whose wire protocol the sandbox was written against.
const VERSION = '3.27.1';

/** The real EB CLI in a virtual environment of its own, outside the checkout; installed by the first who asks. */
export async function installEbCli(): Promise<{ readonly eb: string; readonly ebp: string }> {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'buildimg', 'test-tools');
  const folder = join(cache, `awsebcli-${VERSION}`);
  const bin = join(folder, 'bin');
  if (!existsSync(join(bin, 'ebp'))) {
    // Without pip of its own: Debian has what would put it there in a package apart.
    await run('python3', ['-m', 'venv', '--without-pip', folder]);
    const python = ['--python', join(bin, 'python')];
    await run('pip3', [...python, 'install', '--quiet', `awsebcli==${VERSION}`], { maxBuffer: 64 * 1024 * 1024 });
  }
  return { eb: join(bin, 'eb'), ebp: join(bin, 'ebp') };
}
