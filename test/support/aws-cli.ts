import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installPythonPackages } from './python-tools.js';

// The last of the first generation; the second one is not on PyPI.
const VERSION = '1.42.76';
const BOTO3_VERSION = '1.40.76';

/** The real AWS CLI and a Python with boto3, in a virtual environment outside the checkout. */
export async function installAwsClients(): Promise<{ readonly aws: string; readonly python: string }> {
  const bin = await installPythonPackages(
    `awscli-${VERSION}`,
    [`awscli==${VERSION}`, `boto3==${BOTO3_VERSION}`],
    (folder) => existsSync(join(folder, 'aws')),
  );
  return { aws: join(bin, 'aws'), python: join(bin, 'python') };
}
