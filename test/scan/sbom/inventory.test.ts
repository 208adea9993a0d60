import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { collectInventory } from '../../../src/scan/sbom/inventory.js';
import { aMemoryTree, type MemoryFiles } from '../../support/memory-tree.js';
import { anRpmDatabase, NOW } from '../rules/fixtures/common.js';

const debian: MemoryFiles = { '/etc/os-release': 'ID=debian\nVERSION_ID="12"\n' };

async function collect(files: MemoryFiles) {
  return await collectInventory(aMemoryTree(files), { now: NOW });
}

async function listPurls(files: MemoryFiles): Promise<readonly string[]> {
  const { packages } = await collect(files);
  return packages.map(({ purl }) => purl);
}

function aDpkgStatus(...paragraphs: readonly string[]): MemoryFiles {
  const status = paragraphs.map((paragraph) => `${paragraph}\nStatus: install ok installed\n`);
  return { ...debian, '/var/lib/dpkg/status': status.join('\n') };
}

describe('collectInventory', () => {
  it("lists the same packages as Debian's own dpkg-query does for this machine", async () => {
    const format = '${db:Status-Status} ${binary:Package} ${Version} ${Architecture}\\n';
    const { stdout } = spawnSync('dpkg-query', ['-W', '-f', format], { encoding: 'utf8' });

    const { packages } = await collect({
      ...debian,
      '/var/lib/dpkg/status': readFileSync('/var/lib/dpkg/status', 'utf8'),
    });

    const listed = stdout.split('\n').flatMap((line) => {
      const [status, name = '', version, architecture] = line.split(' ');
      return status === 'installed' ? [`${name.replace(/:.*/, '')} ${version} ${architecture}`] : [];
    });
    const found = packages.map(({ name, version, architecture }) => `${name} ${version} ${architecture}`);
    expect(listed.length).toBeGreaterThan(50);
    expect(found.toSorted()).toEqual(listed.toSorted());
  });

  it('names packages of dpkg by system, architecture and version with epoch', async () => {
    const purls = await listPurls(
      aDpkgStatus(
        'Package: libstdc++6\nVersion: 12.2.0-14+deb12u1\nArchitecture: amd64',
        'Package: zlib1g\nVersion: 1:1.2.13~rc1-1\nArchitecture: i386',
      ),
    );

    expect(purls).toEqual([
      'pkg:deb/debian/libstdc%2B%2B6@12.2.0-14+deb12u1?arch=amd64&distro=debian-12',
      'pkg:deb/debian/zlib1g@1:1.2.13~rc1-1?arch=i386&distro=debian-12',
    ]);
  });

  it('reads the database of rpm, epoch and licence among it', async () => {
    const { packages } = await collect({ ...anRpmDatabase, '/etc/os-release': 'ID="rhel"\nVERSION_ID="9.4"\n' });

    const passwd = packages.find(({ name }) => name === 'passwd');
    expect(packages).toHaveLength(4);
    expect(passwd).toMatchObject({
      purl: 'pkg:rpm/redhat/passwd@0.80-12.el9?arch=noarch&distro=rhel-9.4&epoch=2',
      licenses: [expect.any(String)],
    });
  });

  it('says so when the database of rpm is in a format that it does not read', async () => {
    const { packages, gaps } = await collect({ '/var/lib/rpm/Packages': 'Berkeley', '/etc/os-release': 'ID=amzn\n' });

    expect(packages).toEqual([]);
    expect(gaps).toEqual([{ path: '/var/lib/rpm', reason: expect.stringContaining('Berkeley DB') }]);
  });

  it('takes licences from machine-readable copyright files, and from no others', async () => {
    const format = 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n';
    const { packages } = await collect({
      ...aDpkgStatus('Package: one\nVersion: 1\nArchitecture: all', 'Package: two\nVersion: 1\nArchitecture: all'),
      '/usr/share/doc/one/copyright': `${format}\nFiles: *\nLicense: GPL-2+\n text\n\nFiles: debian/*\nLicense: Expat\n\nLicense: BSD\n no files\n`,
      '/usr/share/doc/two/copyright': 'Copyright 1999 somebody\n\nFiles: *\nLicense: GPL-2\n',
    });

    expect(packages.map(({ licenses }) => licenses)).toEqual([['Expat', 'GPL-2+'], []]);
  });

  it('finds packages of Python, Node and Ruby where they are installed', async () => {
    const { packages } = await collect({
      '/opt/venv/lib/python3.11/site-packages/Foo_Bar-1.0.dist-info/METADATA':
        'Metadata-Version: 2.1\nName: Foo_Bar\nVersion: 1.0\nLicense: MIT\n\nName: not-this\n',
      '/opt/venv/lib/python3.11/site-packages/old.egg-info':
        'Name: old\nVersion: 2\nLicense: UNKNOWN\nClassifier: License :: OSI Approved :: BSD License\n',
      '/srv/app/node_modules/@babel/core/package.json': '{"name":"@babel/core","version":"7.0.0","license":"MIT"}',
      '/srv/app/node_modules/left/node_modules/deep/package.json': '\ufeff{"name":"deep","version":"1.0.0"}',
      '/srv/app/node_modules/left/lib/package.json': '{"type":"module"}',
      '/srv/app/package.json': '{"name":"app","version":"9.9.9"}',
      '/var/lib/gems/3.1.0/specifications/rake-13.0.6.gemspec':
        'Gem::Specification.new do |s|\n  s.name = "rake".freeze\n  s.version = "13.0.6"\n  s.licenses = ["MIT".freeze]\nend\n',
    });

    expect(packages.map(({ purl, licenses }) => [purl, ...licenses])).toEqual([
      ['pkg:gem/rake@13.0.6', 'MIT'],
      ['pkg:npm/%40babel/core@7.0.0', 'MIT'],
      ['pkg:npm/deep@1.0.0'],
      ['pkg:pypi/foo-bar@1.0', 'MIT'],
      ['pkg:pypi/old@2', 'BSD License'],
    ]);
  });

  it('leaves out what is cached, and what a package of the system brought', async () => {
    const manifest = '{"name":"left","version":"1.0.0"}';
    const purls = await listPurls({
      ...aDpkgStatus('Package: node-left\nVersion: 1\nArchitecture: all'),
      '/var/lib/dpkg/info/node-left.list': '/usr/share/node_modules/left/package.json\n',
      '/usr/share/node_modules/left/package.json': manifest,
      '/root/.npm/x/node_modules/left/package.json': manifest,
      '/root/.cache/x/node_modules/left/package.json': manifest,
    });

    expect(purls).toEqual(['pkg:deb/debian/node-left@1?arch=all&distro=debian-12']);
  });

  it('lists a package once, with every place', async () => {
    const manifest = '{"name":"left","version":"1.0.0"}';
    const { packages } = await collect({
      '/b/node_modules/left/package.json': manifest,
      '/a/node_modules/left/package.json': manifest,
    });

    expect(packages.map(({ paths }) => paths)).toEqual([
      ['/a/node_modules/left/package.json', '/b/node_modules/left/package.json'],
    ]);
  });

  it('goes on after manifests that are broken, and names them', async () => {
    const { packages, gaps } = await collect({
      '/a/node_modules/broken/package.json': '{"name": ',
      '/a/node_modules/list/package.json': '[]',
      '/a/node_modules/nothing/package.json': 'null',
      '/a/node_modules/odd/package.json': '{"name":" ","version":"1"}',
      '/a/node_modules/good/package.json': '{"name":"good","version":"1.0.0","license":{"type":"ISC"}}',
      '/a/x.dist-info/METADATA': Buffer.from([0xff, 0xfe, 0]).toString('latin1'),
    });

    expect(packages.map(({ name, licenses }) => [name, ...licenses])).toEqual([['good', 'ISC']]);
    expect(gaps.map(({ path }) => path)).toEqual([
      '/a/node_modules/broken/package.json',
      '/a/node_modules/odd/package.json',
    ]);
  });

  it('is not slowed down by manifests that were made to', async () => {
    const spaces = ' '.repeat(200_000);
    const lines = '\n'.repeat(200_000);
    const startedAt = performance.now();

    const { packages } = await collect({
      '/a/a.dist-info/METADATA': `Name: a${spaces}b\nVersion: 1\nClassifier: License ::${':: x '.repeat(50_000)}\n`,
      '/a/b.dist-info/METADATA': `${spaces}\n${spaces}x${lines}`,
      '/a/specifications/c.gemspec': `${lines}${spaces}${'s.name = "'.repeat(10_000)}`,
      '/a/node_modules/d/package.json': JSON.stringify({ name: 'd'.repeat(900_000), version: '1' }),
      '/a/node_modules/e/package.json': JSON.stringify({ name: 'e', version: '1', license: '('.repeat(900_000) }),
      ...aDpkgStatus('Package: f\nVersion: 1\nArchitecture: all'),
      '/usr/share/doc/f/copyright': `Format: ${'/copyright-format'.repeat(10_000)}${spaces}${lines}License:${spaces}`,
    });

    expect(performance.now() - startedAt).toBeLessThan(3000);
    expect(packages.map(({ name, licenses }) => [name, ...licenses])).toEqual([['f'], ['e']]);
  });

  it('stops when it is told to', async () => {
    const collecting = collectInventory(aMemoryTree(debian), {
      now: NOW,
      signal: AbortSignal.abort(new Error('enough')),
    });

    await expect(collecting).rejects.toThrow('enough');
  });
});
