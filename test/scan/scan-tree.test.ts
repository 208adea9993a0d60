import { describe, expect, it } from '@jest/globals';
import { allChecks } from '../../src/scan/rules/catalogue.js';
import { isFailing, scanTree } from '../../src/scan/scan-tree.js';
import { aMemoryTree, type MemoryFiles } from '../support/memory-tree.js';
import { NOW, rpmDatabase } from './rules/fixtures/common.js';
import { distributions } from './rules/fixtures/distributions.js';

const clean = distributions['debian-12'] ?? {};
const ACCESS_KEY = ['AKIA', 'Z7Q3M5X2W4T6R2PA'].join('');

async function scan(files: MemoryFiles, policy: 'baseline' | 'marketplace' | 'cis-l1' = 'marketplace') {
  return await scanTree(aMemoryTree(files), { policy, now: NOW });
}

describe('allChecks', () => {
  it('names every check once, in order', () => {
    const ids = allChecks.map((check) => check.id);

    expect(ids).toEqual([...new Set(ids)].toSorted());
    expect(ids.length).toBeGreaterThanOrEqual(118);
  });

  it('says of each check why, where from and what to do', () => {
    const silent = allChecks.filter(
      (check) => !check.why || !check.source || !check.remedy || check.policies.length === 0,
    );

    expect(silent).toEqual([]);
  });
});

describe('scanTree', () => {
  it('gives the same result for the same tree', async () => {
    const files = { ...clean, '/root/.bash_history': 'ls\n', '/opt/app/.env': `KEY=${ACCESS_KEY}\n` };

    const first = await scan(files);
    const second = await scan(files);

    expect(JSON.stringify(second)).toBe(JSON.stringify(first));
  });

  it('puts the worst first and counts by severity', async () => {
    const result = await scan({ ...clean, '/root/.bash_history': 'ls\n', '/opt/app/.env': `KEY=${ACCESS_KEY}\n` });

    expect(result.findings[0]).toMatchObject({ check: 'SEC-001', severity: 'critical' });
    expect(result.counts).toMatchObject({ critical: 1, high: 1 });
  });

  it('never shows a secret', async () => {
    const secrets = [ACCESS_KEY, 'Tr0ub4dor-and-3', 'hunter2222'];
    const result = await scan({
      ...clean,
      '/opt/app/.env': `KEY=${secrets[0]}\nDB_PASSWORD=${secrets[1]}\n`,
      '/etc/app.conf': `url=https://ci:${secrets[2]}@acme.test/\n`,
    });

    const report = JSON.stringify(result);
    expect(result.findings).toHaveLength(3);
    expect(secrets.filter((secret) => report.includes(secret) || report.includes(secret.slice(0, 8)))).toEqual([]);
  });

  it('weighs a check by the policy', async () => {
    const files = { ...clean, '/etc/ssh/ssh_host_rsa_key.pub': 'ssh-rsa AAAA\n' };

    const [baseline, marketplace] = [await scan(files, 'baseline'), await scan(files, 'marketplace')];

    expect(baseline.findings.map((each) => each.severity)).toEqual(['high']);
    expect(marketplace.findings.map((each) => each.severity)).toEqual(['critical']);
  });

  it('names the checks that it could not evaluate', async () => {
    const { notEvaluated } = await scan({ '/etc/os-release': 'ID=void\n' });

    const ids = notEvaluated.map((each) => each.check);
    expect(ids).toEqual(expect.arrayContaining(['OS-001', 'OS-002', 'OS-005', 'SSH-002', 'CLD-003', 'SEAL-021']));
    expect(notEvaluated.every((each) => each.reason.length > 10)).toBe(true);
  });

  it('reports a file that cannot be read as a gap and goes on', async () => {
    const tree = aMemoryTree({ ...clean, '/root/.bash_history': 'ls\n' });
    const damaged = {
      ...tree,
      read: async (...[entry, maxBytes]: Parameters<typeof tree.read>) => {
        if (entry.path === '/etc/shadow') throw new Error('bad block');
        return await tree.read(entry, maxBytes);
      },
    };

    const { gaps, findings } = await scanTree(damaged, { policy: 'marketplace', now: NOW });

    expect(gaps).toContainEqual({ path: '/etc/shadow', reason: 'bad block' });
    expect(findings).toContainEqual(expect.objectContaining({ check: 'SEAL-001' }));
  });

  it('goes by known names where the package database is of an older format or damaged', async () => {
    const files = distributions['rhel-9'] ?? {};
    const older = { ...files, '/var/lib/rpm/rpmdb.sqlite': { content: '' }, '/var/lib/rpm/Packages.db': 'RpmP' };
    const damaged = { ...files, '/var/lib/rpm/rpmdb.sqlite': { content: rpmDatabase.subarray(0, 8192) } };

    const results = [await scan(older), await scan(damaged)];

    for (const { findings, notEvaluated } of results) {
      expect(findings.filter((finding) => finding.check === 'FS-001')).toEqual([]);
      expect(notEvaluated.map((each) => each.check)).toContain('OS-005');
    }
    expect(results[1]?.gaps[0]?.reason).toContain('the rpm database cannot be read');
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    controller.abort(new Error('enough'));

    const scanning = scanTree(aMemoryTree(clean), { policy: 'baseline', now: NOW, signal: controller.signal });

    await expect(scanning).rejects.toThrow('enough');
  });

  it('names two hundred places of a check and counts the others', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 260 }, (_, index) => [`/etc/x${index}`, { content: 'x', mode: 0o666 }]),
    );

    const { findings } = await scan({ ...clean, ...many });

    const writable = findings.filter((finding) => finding.check === 'FS-002');
    expect(writable).toHaveLength(201);
    expect(writable.map((finding) => finding.message)).toContain('And 60 more places');
  });

  it('lives through links in circles, broken YAML and odd names', async () => {
    const result = await scan({
      ...clean,
      '/etc/ssh/sshd_config.d/loop.conf': 'Include sshd_config.d/loop.conf\n',
      '/etc/sudoers.d/loop': { content: '@includedir /etc/sudoers.d\n', mode: 0o440 },
      '/var/log/self': { link: '/var/log' },
      '/home/a\nb*[c]/.bash_history': 'ls\n',
      '/etc/cloud/cloud.cfg.d/99-broken.cfg': 'a: [b: {\n',
      '/etc/netplan/99.yaml': '&a [*a, *a]\n',
      '/root/.bash_profile': { link: '.bash_profile' },
    });

    expect(result.findings).toContainEqual(
      expect.objectContaining({ check: 'SEAL-001', path: '/home/a\nb*[c]/.bash_history' }),
    );
  });
});

describe('isFailing', () => {
  it('fails on the threshold and on worse', async () => {
    const result = await scan({ ...clean, '/root/.bash_history': 'ls\n' });

    expect([isFailing(result, 'critical'), isFailing(result, 'high'), isFailing(result, 'low')]).toEqual([
      false,
      true,
      true,
    ]);
  });
});
