import { describe, expect, it } from '@jest/globals';
import { comparePackages } from '../../../src/scan/sbom/compare-packages.js';

const deb = (name: string, version: string, distro = 'debian-12') =>
  `pkg:deb/debian/${name}@${version}?arch=amd64&distro=${distro}`;

describe('comparePackages', () => {
  it('says what came, what went, and what is another version, whatever the release', () => {
    const before = [deb('bash', '5.2.15-2'), deb('nano', '7.2-1'), deb('libssl3', '3.0.11-1')];
    const after = [deb('bash', '5.2.15-2', 'debian-13'), deb('libssl3', '3.0.15-1'), deb('nginx', '1.22.1-9')];

    expect(comparePackages(before, after)).toEqual([
      { type: 'deb', name: 'libssl3', architecture: 'amd64', before: '3.0.11-1', after: '3.0.15-1' },
      { type: 'deb', name: 'nano', architecture: 'amd64', before: '7.2-1' },
      { type: 'deb', name: 'nginx', architecture: 'amd64', after: '1.22.1-9' },
    ]);
  });

  it('lets each version of a package come and go by itself when there are several', () => {
    const before = ['pkg:npm/%40babel/core@7.1.0', 'pkg:npm/%40babel/core@7.2.0'];

    expect(comparePackages(before, ['pkg:npm/%40babel/core@7.2.0', 'pkg:npm/%40babel/core@7.3.0'])).toEqual([
      { type: 'npm', name: '@babel/core', before: '7.1.0', after: '7.3.0' },
    ]);
    expect(comparePackages(before, ['pkg:npm/%40babel/core@8.0.0'])).toEqual([
      { type: 'npm', name: '@babel/core', before: '7.1.0' },
      { type: 'npm', name: '@babel/core', before: '7.2.0' },
      { type: 'npm', name: '@babel/core', after: '8.0.0' },
    ]);
  });

  it('counts the epoch of an rpm to its version', () => {
    const openssl = 'pkg:rpm/amzn/openssl@3.0.8-1?arch=x86_64';

    const changes = comparePackages([`${openssl}&epoch=1`], [`${openssl}&epoch=2`]);

    expect(changes).toMatchObject([{ before: '1:3.0.8-1', after: '2:3.0.8-1' }]);
  });
});
