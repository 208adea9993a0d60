import { describe, expect, it } from '@jest/globals';
import { listInputPaths } from '../../src/plan/list-input-paths.js';
import { anImage } from '../support/an-image.js';

describe('listInputPaths', () => {
  it('lists scripts and sources once, and nothing of provisioners without files', () => {
    const provisioners = [
      { name: 'shell', options: { script: '/config/b.sh' } },
      { name: 'file', options: { source: '/config/rootfs/', destination: '/' } },
      { name: 'shell', options: { script: '/config/b.sh' } },
      { name: 'shell', options: { inline: ['true'] } },
      { name: 'packages', options: { install: ['nginx'] } },
    ];

    expect(listInputPaths(anImage({ provisioners }))).toEqual(['/config/b.sh', '/config/rootfs']);
  });
});
