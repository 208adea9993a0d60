// A sparse disk image brought into the same sandbox by buildimg and by coldsnap, interleaved:
// node bench/register.mjs [DISK_GIB=8] [DATA_GIB=1.5] [RUNS=3]. COLDSNAP names the program, if it is not in PATH
// (cargo install coldsnap --locked).
import { execFileSync, spawn } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteSnapshotCommand, DeregisterImageCommand } from '@aws-sdk/client-ec2';
import { loadModule } from '../scripts/load-module.mjs';
import { measure, median } from './measure.mjs';

// The SDK's word on Node's age is not what is measured here.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const { createHome } = await loadModule('test/support/run-cli.ts');
const { createSandboxClient, readSandboxEnvironment } = await loadModule('test/support/sandbox-ec2.ts');

const [diskGib, dataGib, runs] = [process.argv[2] ?? 8, process.argv[3] ?? 1.5, process.argv[4] ?? 3].map(Number);
const coldsnap = process.env.COLDSNAP ?? 'coldsnap';
const EXTENTS = 16;
const MIB = 1024 ** 2;

const home = await createHome();
const disk = join(home.folder, 'disk.img');
try {
  makeDisk();
  await home.run('sandbox', 'up');
  const environment = { ...home.environment, ...(await readSandboxEnvironment(home)) };
  const ec2 = await createSandboxClient(home);
  const endpoint = ['--endpoint', environment.AWS_ENDPOINT_URL, '--region', 'us-east-1'];
  const scope = { environment, ec2, endpoint };
  say(`${diskGib} GiB, of which ${dataGib} GiB data; ${runs} runs each, interleaved; medians`);
  const results = { 'buildimg register': [], 'coldsnap upload --omit-zero-blocks --wait': [] };
  for (let run = 0; run < runs; run += 1) {
    results['buildimg register'].push(await measureOurs(scope, run));
    if (hasColdsnap()) results['coldsnap upload --omit-zero-blocks --wait'].push(await measureColdsnap(scope));
    else if (run === 0) say('coldsnap is not there: cargo install coldsnap --locked');
  }
  say('tool'.padEnd(44) + 'wall s'.padStart(9) + 'MiB/s'.padStart(8) + 'peak MiB'.padStart(10));
  for (const [name, measured] of Object.entries(results).filter(([, each]) => each.length > 0)) report(name, measured);
  if (hasColdsnap()) await compareDownload(scope);
  await killAndResume(scope);
} finally {
  await home.run('sandbox', 'down');
  home.remove();
}

/** Data of no pattern in as many places of the disk, the last one at its end. */
function makeDisk() {
  const file = openSync(disk, 'w');
  ftruncateSync(file, diskGib * 1024 * MIB);
  const bytes = Buffer.alloc(MIB);
  const extentMib = Math.floor((dataGib * 1024) / EXTENTS);
  const gapMib = Math.floor((diskGib * 1024 - extentMib) / (EXTENTS - 1));
  for (let extent = 0; extent < EXTENTS; extent += 1) {
    for (let at = 0; at < extentMib; at += 1) {
      writeSync(file, randomFillSync(bytes), 0, MIB, (extent * gapMib + at) * MIB);
    }
  }
  closeSync(file);
}

function hasColdsnap() {
  try {
    execFileSync(coldsnap, ['--help'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function measureOurs({ ec2 }, run) {
  const args = ['dist/cli.mjs', 'register', disk, '--name', `bench-${run}`, '--sandbox', '--quiet', '--json'];
  const result = await measure('node', args, { env: home.environment });
  await remove(ec2, JSON.parse(result.output));
  return result;
}

async function measureColdsnap({ environment, ec2, endpoint }) {
  const args = [...endpoint, 'upload', '--no-progress', '--omit-zero-blocks', '--wait', disk];
  const result = await measure(coldsnap, args, { env: environment });
  await remove(ec2, { snapshotIds: [result.output.trim()] });
  return result;
}

async function remove(ec2, { amiId, snapshotIds }) {
  if (amiId !== undefined) await ec2.send(new DeregisterImageCommand({ ImageId: amiId }));
  for (const id of snapshotIds) await ec2.send(new DeleteSnapshotCommand({ SnapshotId: id }));
}

/** What we upload, coldsnap downloads: byte for byte the disk. */
async function compareDownload({ environment, ec2, endpoint }) {
  const args = ['register', disk, '--name', 'for-coldsnap', '--sandbox', '--quiet', '--json'];
  const made = await home.runJson(...args);
  const copy = `${disk}.copy`;
  await measure(coldsnap, [...endpoint, 'download', '--no-progress', made.snapshotIds[0], copy], { env: environment });
  execFileSync('cmp', [disk, copy]);
  say('coldsnap download of the snapshot that buildimg made: the same bytes');
  rmSync(copy);
  await remove(ec2, made);
}

/** SIGKILL in the middle of an upload, then the same command again. */
async function killAndResume({ ec2 }) {
  const args = ['dist/cli.mjs', 'register', disk, '--name', 'killed', '--sandbox', '--quiet', '--json'];
  const blocks = dataGib * 1024 * 2;
  const earlier = listRuns();
  const countAcknowledged = () => countBlocks(listRuns().find((run) => !earlier.includes(run)));
  const child = spawn('node', args, { env: home.environment, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('close', resolve));
  while (countAcknowledged() < blocks / 2) await sleep(20);
  child.kill('SIGKILL');
  await ended;
  const acknowledged = countAcknowledged();
  // What was on its way then still arrives, acknowledged to nobody.
  await sleep(2000);
  const before = countPuts();
  const result = await measure('node', args, { env: home.environment });
  const sent = countPuts() - before;
  say(`killed when ${acknowledged} of ${blocks} blocks were acknowledged; the same command again sent ${sent}`);
  if (acknowledged + sent !== blocks) throw new Error('blocks were sent twice, or not at all');
  await remove(ec2, JSON.parse(result.output));
}

function listRuns() {
  return readdirSync(join(home.folder, 'buildimg', 'runs'));
}

/** Acknowledged ones of a run that has begun. */
function countBlocks(run) {
  if (run === undefined) return 0;
  const folder = join(home.folder, 'buildimg', 'runs', run);
  const [ledger] = readdirSync(folder).filter((name) => name.endsWith('.blocks'));
  return ledger === undefined ? 0 : readFileSync(join(folder, ledger), 'utf8').split('\n').length - 1;
}

function countPuts() {
  const log = readFileSync(join(home.folder, 'buildimg', 'sandbox', 'sandbox.log'), 'utf8');
  return log.split('ebs:PutSnapshotBlock 201').length - 1;
}

function report(name, measured) {
  const ms = median(measured.map((each) => each.ms));
  const peak = median(measured.map((each) => each.peakMib));
  const rate = (dataGib * 1024 * 1000) / ms;
  say(
    name.padEnd(44) + (ms / 1000).toFixed(1).padStart(9) + rate.toFixed(0).padStart(8) + peak.toFixed(0).padStart(10),
  );
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
