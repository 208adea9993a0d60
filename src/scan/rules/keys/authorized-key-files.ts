import { type AuthorizedKey, parseAuthorizedKeys } from '../../parse/authorized-keys.js';
import { findLine } from '../../parse/lines.js';
import type { RuleContext } from '../context.js';
import { expandGlob } from '../glob.js';

export interface AuthorizedKeyFile {
  readonly path: string;
  /** Whose login it opens; undefined where the path does not say. */
  readonly user: string | undefined;
  readonly keys: readonly AuthorizedKey[];
  /** Whether anything but comments is in it: a line that we cannot read may still be one that sshd can. */
  readonly hasContent: boolean;
}

/** Every file that sshd would take login keys from: in all homes, by the configured names, and those below /etc/ssh. */
export async function listAuthorizedKeyFiles(context: RuleContext): Promise<readonly AuthorizedKeyFile[]> {
  const { homes } = await context.accounts();
  const sshd = await context.sshd();
  const configured = (sshd?.find('authorizedkeysfile')?.value ?? '')
    .split(' ')
    .filter((name) => name !== '' && name !== 'none');
  const names = new Set(['.ssh/authorized_keys', '.ssh/authorized_keys2', ...configured]);
  const wanted = homes.flatMap((home) =>
    [...names].map((name) => ({
      path: substitute(name, { home: home.path, user: home.user ?? '*' }),
      user: home.user,
    })),
  );
  wanted.push(
    { path: '/etc/ssh/authorized_keys*', user: undefined },
    { path: '/etc/ssh/authorized_keys*/*', user: undefined },
  );
  const files = new Map<string, AuthorizedKeyFile>();
  for (const { path, user } of wanted) {
    for (const entry of expandGlob(context.tree, path)) {
      const text = files.has(entry.path) ? undefined : await context.readText(entry.path);
      if (text === undefined) continue;
      const hasContent = findLine(text, /^\s*[^\s#]/) !== undefined;
      files.set(entry.path, { path: entry.path, user, keys: parseAuthorizedKeys(text), hasContent });
    }
  }
  return [...files.values()];
}

function substitute(name: string, { home, user }: { home: string; user: string }): string {
  const path = name.replaceAll('%h', home).replaceAll('%u', user).replaceAll('%%', '%');
  return path.startsWith('/') ? path : `${home}/${path}`;
}
