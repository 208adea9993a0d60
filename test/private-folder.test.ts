import { chmodSync, chownSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { geteuid, umask } from 'node:process';
import { afterEach, describe, expect, it } from '@jest/globals';
import { closeFolder, ensurePrivateFolder, findFolderProblem } from '../src/private-folder.js';
import { withTemporaryFolder } from './support/temporary-folder.js';

const STRANGER = 65_534;
const usual = umask();
afterEach(() => void umask(usual));

function modeOf(folder: string): number {
  return statSync(folder).mode & 0o777;
}

describe('ensurePrivateFolder', () => {
  it.each([0o000, 0o022, 0o077])('makes folders for their owner alone under umask %o', (mask) =>
    withTemporaryFolder((folder) => {
      umask(mask);

      const innermost = ensurePrivateFolder(join(folder, 'state'), 'runs', 'r-1');

      expect(innermost).toBe(join(folder, 'state/runs/r-1'));
      expect(['state', 'state/runs', 'state/runs/r-1'].map((name) => modeOf(join(folder, name)))).toEqual([
        0o700, 0o700, 0o700,
      ]);
    }),
  );

  it.each([0o755, 0o777, 0o750])('closes a folder that something else has made first with mode %o', (mode) =>
    withTemporaryFolder((folder) => {
      const state = join(folder, 'state');
      mkdirSync(state);
      chmodSync(state, mode);
      const before = findFolderProblem(state);

      ensurePrivateFolder(state, 'keys');

      expect(before).toContain('others may');
      expect([modeOf(state), modeOf(join(state, 'keys'))]).toEqual([0o700, 0o700]);
      expect(findFolderProblem(state)).toBeUndefined();
    }),
  );

  it('refuses what is no folder', () =>
    withTemporaryFolder((folder) => {
      writeFileSync(join(folder, 'state'), '');

      expect(() => ensurePrivateFolder(join(folder, 'state'))).toThrow();
    }));

  it('leaves a link of the user to a folder of the user', () =>
    withTemporaryFolder((folder) => {
      mkdirSync(join(folder, 'elsewhere'), { mode: 0o755 });
      symlinkSync('elsewhere', join(folder, 'state'));

      ensurePrivateFolder(join(folder, 'state'));

      expect(modeOf(join(folder, 'elsewhere'))).toBe(0o700);
    }));
});

// Only root can give files away; without it the owner that is asked about stays the user.
const asRoot = geteuid?.() === 0;
describe('a folder of another user', () => {
  it('is refused, and so is one into which another user has put something', () =>
    withTemporaryFolder((folder) => {
      const [theirs, planted] = [join(folder, 'theirs'), join(folder, 'planted')];
      mkdirSync(theirs);
      mkdirSync(planted);
      writeFileSync(join(planted, 'credentials.json'), '{}');
      chmodSync(planted, 0o777);
      if (asRoot) {
        chownSync(theirs, STRANGER, STRANGER);
        chownSync(join(planted, 'credentials.json'), STRANGER, STRANGER);
      }
      const refusal = asRoot ? 'FOLDER_NOT_OURS' : undefined;

      expect([codeOf(() => ensurePrivateFolder(theirs)), codeOf(() => closeFolder(planted))]).toEqual([
        refusal,
        refusal,
      ]);
      expect(findFolderProblem(theirs)?.includes(`user ${STRANGER}`) ?? false).toBe(asRoot);
    }));
});

function codeOf(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return (error as { readonly code?: string }).code;
  }
}
