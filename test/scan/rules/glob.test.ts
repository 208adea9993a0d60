import { describe, expect, it } from '@jest/globals';
import { expandGlob } from '../../../src/scan/rules/glob.js';
import type { FileTree } from '../../../src/scan/tree/file-tree.js';
import { aMemoryTree, type MemoryFiles } from '../../support/memory-tree.js';

describe('expandGlob', () => {
  it('lists a folder once, however many links lead to it', () => {
    const links = Array.from({ length: 200 }, (_, index) => [`/etc/${index}.wants`, { link: '/srv/big' }] as const);
    const files: MemoryFiles = { ...Object.fromEntries(links), '/srv/big/one.service': '', '/srv/big/two.service': '' };
    const listed: string[] = [];

    const found = expandGlob(countLists(aMemoryTree(files), listed), '/etc/*.wants/*');

    expect(found.map(({ path }) => path)).toEqual(['/srv/big/one.service', '/srv/big/two.service']);
    expect(listed).toEqual(['/etc', '/srv/big']);
  });

  it('looks again into a folder of which another part of the pattern is left', () => {
    const files: MemoryFiles = { '/a/a': { link: '/a' }, '/a/b': '', '/b': { link: '/a' } };

    expect(expandGlob(aMemoryTree(files), '/*/*/b').map(({ path }) => path)).toEqual(['/a/b']);
    expect(expandGlob(aMemoryTree(files), '/*/b').map(({ path }) => path)).toEqual(['/a/b']);
  });

  it('passes over links that lead nowhere', () => {
    const files: MemoryFiles = { '/etc/x.wants': { link: '/none' }, '/etc/y.wants': { link: 'y.wants' } };

    expect(expandGlob(aMemoryTree(files), '/etc/*.wants/*')).toEqual([]);
  });
});

function countLists(tree: FileTree, listed: string[]): FileTree {
  return {
    ...tree,
    list(path) {
      listed.push(path);
      return tree.list(path);
    },
  };
}
