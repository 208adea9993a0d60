import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the folder with the scripts of the built-in provisioners, one file NAME.sh each. */
export function findProvisionersDir(): string {
  return findFolderAbove(join('config', 'generated', 'provisioners'));
}

/** Absolute path of the text templates that come with buildimg. */
export function findTemplatesDir(): string {
  return findFolderAbove('templates');
}

/** Looks upward: this file stands in src/plugins/ in tests, and somewhere in dist/ when bundled. */
function findFolderAbove(name: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, name))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`The installation is incomplete: there is no folder ${name}/`);
    folder = parent;
  }
  return join(folder, name);
}
