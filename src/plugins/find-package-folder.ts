import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the provisioners that come with buildimg. */
export function findProvisionersDir(): string {
  return findPackageFolder('provisioners');
}

/** Absolute path of the text templates that come with buildimg. */
export function findTemplatesDir(): string {
  return findPackageFolder('templates');
}

/** Looks upward for package.json: this file stands in src/plugins/ in tests, and somewhere in dist/ when bundled. */
function findPackageFolder(name: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!(existsSync(join(folder, 'package.json')) && existsSync(join(folder, name)))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`The installation is incomplete: no folder ${name}/ beside package.json`);
    folder = parent;
  }
  return join(folder, name);
}
