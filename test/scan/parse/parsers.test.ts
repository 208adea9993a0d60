import { describe, expect, it } from '@jest/globals';
import { mergeCloudConfig } from '../../../src/scan/parse/cloud-config.js';
import { parseDpkgStatus } from '../../../src/scan/parse/dpkg.js';
import { classifyPassword } from '../../../src/scan/parse/shadow.js';
import { isSudoersDropIn, parseSudoers } from '../../../src/scan/parse/sudoers.js';
import { orderSysctlFiles, parseSysctl } from '../../../src/scan/parse/sysctl.js';
import { parseYaml } from '../../../src/scan/parse/yaml.js';

describe('classifyPassword', () => {
  it('tells locked from locked with a hash', () => {
    const fields = ['', '!', '*', '!!', '!*', '!$6$s$h', '$y$j9T$s$h', '!ab1234567890c', '*LK*', 'x'];

    const states = fields.map(classifyPassword);

    expect(states).toEqual([
      'empty',
      'locked',
      'locked',
      'locked',
      'locked',
      'locked-hash',
      'usable',
      'locked-hash',
      'locked',
      'locked',
    ]);
  });
});

describe('mergeCloudConfig', () => {
  it('merges mappings and lets the later file win in lists and values', () => {
    const files = [
      {
        path: 'a',
        content: { ssh_pwauth: false, list: [1, 2], system_info: { default_user: { name: 'admin', gecos: 'A' } } },
      },
      { path: 'b', content: { ssh_pwauth: true, list: [3], system_info: { default_user: { name: 'ops' } } } },
    ];

    const merged = mergeCloudConfig(files);

    expect(merged).toEqual({ ssh_pwauth: true, list: [3], system_info: { default_user: { name: 'ops', gecos: 'A' } } });
  });
});

describe('parseYaml', () => {
  it('reads yes as cloud-init does where it is asked to', () => {
    expect(parseYaml('a: yes\n', '1.1')).toEqual({ value: { a: true } });
    expect(parseYaml('a: yes\n', '1.2')).toEqual({ value: { a: 'yes' } });
  });

  it('has no value for what is no YAML', () => {
    expect(parseYaml('a: [b: {', '1.1')).toEqual({ value: undefined });
    expect(parseYaml('[a]\n[b]\n', '1.1')).toEqual({ value: undefined });
  });

  it('says why it does not read what would cost much', () => {
    expect(parseYaml('a: b\n'.repeat(20_000), '1.2')).toEqual({ unread: 'it has more than 65536 characters of YAML' });
    expect(parseYaml('['.repeat(1000), '1.2')).toEqual({ unread: 'its YAML nests too deep' });
    expect(parseYaml('a: &a [1]\nb: &b [*a, *a, *a, *a, *a]\nc: [*b, *b, *b, *b, *b, *b]\n', '1.2')).toEqual({
      unread: expect.stringContaining('aliases'),
    });
  });
});

describe('parseSudoers', () => {
  it('resolves aliases over continued lines and reads includes of both spellings', () => {
    const text =
      'User_Alias OPS = carol, \\\n dave\n#includedir /etc/sudoers.d\n@include local\n# a comment\n#1001 ALL=(ALL) ALL\nOPS web=(root) NOPASSWD: /bin/a, PASSWD: /bin/b\n';

    const { rules, includes } = parseSudoers(text, '/etc/sudoers');

    expect(
      rules.map(({ subjects, hasNopasswd, allowsEverything, line }) => [subjects, hasNopasswd, allowsEverything, line]),
    ).toEqual([
      [['#1001'], false, true, 6],
      [['carol', 'dave'], true, false, 7],
    ]);
    expect(rules[1]?.commands).toEqual(['/bin/a', '/bin/b']);
    expect(includes).toEqual([
      { directory: true, path: '/etc/sudoers.d' },
      { directory: false, path: 'local' },
    ]);
  });

  it('knows which names sudo takes in', () => {
    expect(['90-cloud', 'a.conf', 'b~'].map(isSudoersDropIn)).toEqual([true, false, false]);
  });
});

describe('orderSysctlFiles', () => {
  it('sorts by name over all folders, and lets /etc hide the same name elsewhere', () => {
    const paths = [
      '/usr/lib/sysctl.d/50-a.conf',
      '/usr/lib/sysctl.d/10-b.conf',
      '/etc/sysctl.d/50-a.conf',
      '/run/sysctl.d/99-c.conf',
    ];

    expect(orderSysctlFiles(paths)).toEqual([
      '/usr/lib/sysctl.d/10-b.conf',
      '/etc/sysctl.d/50-a.conf',
      '/run/sysctl.d/99-c.conf',
    ]);
  });

  it('reads slashes as dots and drops the mark for ignored errors', () => {
    expect(parseSysctl('-net/ipv4/tcp_syncookies=1\n; no\n')).toEqual([
      { key: 'net.ipv4.tcp_syncookies', value: '1', line: 1 },
    ]);
  });
});

describe('parseDpkgStatus', () => {
  it('leaves removed packages out and reads digests of configuration files', () => {
    const text =
      'Package: a\nStatus: install ok installed\nVersion: 1:2-3\nSource: src (1)\nConffiles:\n /etc/a 0123456789abcdef0123456789abcdef\n /etc/old 0123456789abcdef0123456789abcdef obsolete\n\nPackage: b\nStatus: deinstall ok config-files\nVersion: 1\n';

    const packages = parseDpkgStatus(text);

    expect(packages.map(({ name, version, source }) => [name, version, source])).toEqual([['a', '1:2-3', 'src']]);
    expect([...(packages[0]?.conffiles.keys() ?? [])]).toEqual(['/etc/a']);
  });
});
