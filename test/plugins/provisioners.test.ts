import { describe, expect, it } from '@jest/globals';
import { provisionerManifests } from '../../src/config/generated/provisioners.js';
import { formatEnvironment } from '../../src/plugins/provisioners/script-provisioner.js';
import { getProvisioner, provisioners } from '../../src/plugins/provisioners.js';
import type { ProvisionerContext } from '../../src/plugins/types.js';

describe('provisioners', () => {
  it('has one for every manifest', () => {
    const names = provisionerManifests.map((manifest) => manifest.name);

    expect([...provisioners.keys()].sort()).toEqual([...names].sort());
  });
});

describe('formatEnvironment', () => {
  it('gives every kind of option to a script as text', () => {
    const options = {
      useDns: true,
      size: 8,
      install: ['a', 'b'],
      env: { A: '1', B: 'x y' },
      level: 'all',
      none: undefined,
    };

    expect(formatEnvironment(options)).toEqual({
      BUILDIMG_USE_DNS: 'true',
      BUILDIMG_SIZE: '8',
      BUILDIMG_INSTALL: 'a\nb',
      BUILDIMG_ENV: 'A=1\nB=x y',
      BUILDIMG_LEVEL: 'all',
    });
  });
});

describe('shell', () => {
  it('runs a script under a name that needs no quoting', () => {
    const options = { script: "/config/my scripts/{{ it's }} $(x).sh", runAs: 'login-user' };

    const plan = getProvisioner('shell').planSteps(options, contextWith([]));

    expect(plan.steps).toMatchObject([{ path: 'scripts/03-it-s-x-.sh', runAs: 'login-user', origin: 'user' }]);
    expect([...plan.files.keys()]).toEqual(['scripts/03-it-s-x-.sh']);
  });

  it('runs lines of the config as one strict bash script', () => {
    const plan = getProvisioner('shell').planSteps({ inline: ['echo {{ a }}', 'true'] }, contextWith([]));

    expect(plan.texts?.get('scripts/03-inline.sh')).toBe(
      '#!/usr/bin/env bash\nset -euo pipefail\necho {{ a }}\ntrue\n',
    );
  });
});

describe('file', () => {
  it('carries every file of a folder, and merges them into the destination', () => {
    const context = contextWith(['/config/rootfs/etc/a', '/config/rootfs/b']);

    const plan = getProvisioner('file').planSteps({ source: '/config/rootfs/', destination: '/' }, context);

    expect(plan.steps).toMatchObject([
      { kind: 'upload', path: 'files/03-rootfs', destination: '/', owner: 'root:root' },
    ]);
    expect([...plan.files]).toEqual([
      ['files/03-rootfs/etc/a', '/config/rootfs/etc/a'],
      ['files/03-rootfs/b', '/config/rootfs/b'],
    ]);
  });

  it('puts a single file into a destination that ends in a slash', () => {
    const options = { source: '/config/a b.conf', destination: '/etc/', owner: 'www:www', mode: '0600' };

    const plan = getProvisioner('file').planSteps(options, contextWith(['/config/a b.conf']));

    expect(plan.steps).toMatchObject([
      { path: 'files/03-a-b.conf', destination: '/etc/a b.conf', owner: 'www:www', mode: '0600' },
    ]);
    expect([...plan.files]).toEqual([['files/03-a-b.conf', '/config/a b.conf']]);
  });
});

function contextWith(files: readonly string[]): ProvisionerContext {
  return { index: 3, root: '/config', listFiles: () => files };
}
