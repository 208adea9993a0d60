import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { writeRendered } from '../../src/build/write-rendered.js';
import type { RenderedFile } from '../../src/render/rendered-file.js';
import { withTemporaryFolder } from '../support/temporary-folder.js';

const text = (path: string, content = path): RenderedFile => ({ path, mode: 0o644, content: { text: content } });

describe('writeRendered', () => {
  it('writes texts and copies with their modes, and leaves nothing beside them', () =>
    withTemporaryFolder((outDir) => {
      writeFileSync(`${outDir}/source.sh`, 'copied', { mode: 0o600 });
      const copy = { path: 'a/b.sh', mode: 0o755, content: { copyOf: `${outDir}/source.sh` } };

      const folder = writeRendered({ outDir: `${outDir}/out`, name: 'web', files: [text('template.json'), copy] });

      expect(folder).toBe(`${outDir}/out/web`);
      expect(readFileSync(`${folder}/a/b.sh`, 'utf8')).toBe('copied');
      expect(statSync(`${folder}/a/b.sh`).mode & 0o777).toBe(0o755);
      expect(statSync(`${folder}/template.json`).mode & 0o777).toBe(0o644);
      expect(readdirSync(`${outDir}/out`)).toEqual(['web']);
    }));

  it('replaces what it wrote, removes what it no longer writes, and keeps the files of others', () =>
    withTemporaryFolder((outDir) => {
      const folder = writeRendered({ outDir, name: 'web', files: [text('a'), text('old/b')] });
      writeFileSync(`${folder}/notes.txt`, 'mine');

      writeRendered({ outDir, name: 'web', files: [text('a', 'new'), text('c')] });

      expect(readFileSync(`${folder}/a`, 'utf8')).toBe('new');
      expect(existsSync(`${folder}/old/b`)).toBe(false);
      expect(readFileSync(`${folder}/notes.txt`, 'utf8')).toBe('mine');
      expect(readFileSync(`${folder}/c`, 'utf8')).toBe('c');
    }));

  it('copies what several folders carry once, and keeps them apart when one is rendered anew', () =>
    withTemporaryFolder((outDir) => {
      writeFileSync(`${outDir}/source.sh`, 'first');
      const files = [{ path: 'a.sh', mode: 0o755, content: { copyOf: `${outDir}/source.sh` } }];
      const copies = new Map<string, string>();
      const [one, two] = ['one', 'two'].map((name) => writeRendered({ outDir, name, files, copies }));

      const linked = [one, two].map((folder) => statSync(`${folder}/a.sh`).ino);
      writeFileSync(`${outDir}/source.sh`, 'second');
      writeRendered({ outDir, name: 'one', files });

      expect(linked[0]).toBe(linked[1]);
      expect([one, two].map((folder) => readFileSync(`${folder}/a.sh`, 'utf8'))).toEqual(['second', 'first']);
    }));

  it('refuses a folder that it did not write', () =>
    withTemporaryFolder((outDir) => {
      mkdirSync(`${outDir}/web`);
      writeFileSync(`${outDir}/web/a`, 'mine');

      expect(() => writeRendered({ outDir, name: 'web', files: [text('a')] })).toThrow(
        expect.objectContaining({ code: 'OUTPUT_NOT_OURS', exit: 2 }),
      );
      expect(readFileSync(`${outDir}/web/a`, 'utf8')).toBe('mine');
    }));

  it('refuses to overwrite a file that somebody put into its folder', () =>
    withTemporaryFolder((outDir) => {
      const folder = writeRendered({ outDir, name: 'web', files: [text('a')] });
      writeFileSync(`${folder}/b`, 'mine');

      expect(() => writeRendered({ outDir, name: 'web', files: [text('b')] })).toThrow(
        expect.objectContaining({ code: 'OUTPUT_NOT_OURS' }),
      );
      expect(readFileSync(`${folder}/b`, 'utf8')).toBe('mine');
    }));

  it('does not write through links', () =>
    withTemporaryFolder((outDir) => {
      mkdirSync(`${outDir}/elsewhere`);
      const folder = writeRendered({ outDir, name: 'web', files: [text('a')] });
      symlinkSync(`${outDir}/elsewhere`, `${folder}/sub`);
      symlinkSync(`${outDir}/elsewhere`, `${outDir}/linked`);

      for (const request of [
        { outDir, name: 'web', files: [text('sub/b')] },
        { outDir, name: 'linked', files: [text('b')] },
      ]) {
        expect(() => writeRendered(request)).toThrow(expect.objectContaining({ code: 'OUTPUT_PATH_UNSAFE' }));
      }
      expect(readdirSync(`${outDir}/elsewhere`)).toEqual([]);
    }));

  it('does not take a link for a file of its own', () =>
    withTemporaryFolder((outDir) => {
      writeFileSync(`${outDir}/precious`, 'mine');
      mkdirSync(`${outDir}/web`);
      writeFileSync(`${outDir}/web/.buildimg-rendered`, '["a"]');
      symlinkSync(`${outDir}/precious`, `${outDir}/web/a`);

      expect(() => writeRendered({ outDir, name: 'web', files: [text('a')] })).toThrow(
        expect.objectContaining({ code: 'OUTPUT_NOT_OURS' }),
      );
      expect(readFileSync(`${outDir}/precious`, 'utf8')).toBe('mine');
    }));

  it.each(['../x', '/etc/x', 'a/../../x', 'a//b', '.'])('refuses the path %s', (path) =>
    withTemporaryFolder((outDir) => {
      expect(() => writeRendered({ outDir, name: 'web', files: [text(path)] })).toThrow(
        expect.objectContaining({ code: 'OUTPUT_PATH_UNSAFE' }),
      );
    }),
  );

  it('does not remove what a forged marker names outside', () =>
    withTemporaryFolder((outDir) => {
      writeFileSync(`${outDir}/precious`, 'mine');
      mkdirSync(`${outDir}/web`);
      writeFileSync(`${outDir}/web/.buildimg-rendered`, '["../precious"]');

      expect(() => writeRendered({ outDir, name: 'web', files: [text('a')] })).toThrow(
        expect.objectContaining({ code: 'OUTPUT_PATH_UNSAFE' }),
      );
      expect(existsSync(`${outDir}/precious`)).toBe(true);
    }));
});
