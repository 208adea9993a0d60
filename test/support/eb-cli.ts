import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installPythonPackages } from './python-tools.js';

// The version whose wire protocol the sandbox was written against.
const VERSION = '3.27.1';

/** The real EB CLI in a virtual environment outside the checkout. */
export async function installEbCli(): Promise<{ readonly eb: string; readonly ebp: string }> {
  const bin = await installPythonPackages(`awsebcli-${VERSION}`, [`awsebcli==${VERSION}`], (folder) =>
    existsSync(join(folder, 'ebp')),
  );
  return { eb: join(bin, 'eb'), ebp: join(bin, 'ebp') };
}
