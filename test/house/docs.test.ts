import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';

describe('the reference pages in docs/', () => {
  it('are what the tables in the code say', () => {
    const { status, stderr } = spawnSync('node', ['scripts/generate-docs.mjs', '--check'], { encoding: 'utf8' });

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
