// Many images in one process: 64 builds in 16 regions, 64 in one, and 64 in 16 each of which is copied to the 15 others, against
// AWS's token buckets and delays; machines that are not there, so that what is measured is how calls are made:
//   node bench/fleet.mjs [--beside OTHER/cli.mjs] [--images N] [--only TEXT]     TEXT: part of a row's title
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { loadModule } from '../scripts/load-module.mjs';
import { measure } from './measure.mjs';

// The SDK's word on Node's age is not what is measured here.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const { values } = parseArgs({
  options: {
    beside: { type: 'string' },
    images: { type: 'string', default: '64' },
    only: { type: 'string', default: '' },
  },
});
const COUNT = Number(values.images);
const { REGIONS } = await loadModule('src/sandbox/world/regions.ts');
const SIXTEEN = REGIONS.slice(0, 16);

// EC2: per region and action (ec2-api-throttling in its developer guide). SSM does not publish its own; these are low guesses.
const LOOKUPS = ['Instances', 'Images', 'Snapshots', 'Volumes', 'KeyPairs', 'SecurityGroups'];
const THROTTLES = [
  { action: 'ec2:RunInstances', burst: 5, perSecond: 2 },
  ...LOOKUPS.map((kind) => ({ action: `ec2:Describe${kind}`, burst: 100, perSecond: 20 })),
  { action: 'ec2:*', burst: 50, perSecond: 5 },
  { action: 'ssm:SendCommand', burst: 20, perSecond: 10 },
  { action: 'ssm:*', burst: 40, perSecond: 20 },
];
const SERVER = {
  throttles: THROTTLES,
  delays: { runningMs: 8000, stoppedMs: 15_000, imageMs: 60_000 },
  agentMs: 12_000,
  stepMs: 4000,
};
const READING = /:(?:Describe|List|Get)/;

const work = mkdtempSync(join(tmpdir(), 'fleet-'));
/** What a single image takes, by the regions that it is copied to. */
const singles = new Map();
try {
  const ours = resolve('dist/cli.mjs');
  for (const { title, regions, copiedTo } of [
    { title: `${COUNT} images in 16 regions`, regions: SIXTEEN, copiedTo: [] },
    { title: `${COUNT} images in one region`, regions: [SIXTEEN[0]], copiedTo: [] },
    { title: `${COUNT} images in 16 regions, each copied to the 15 others`, regions: SIXTEEN, copiedTo: SIXTEEN },
  ]) {
    if (!title.includes(values.only)) continue;
    const alone = await measureSingle(ours, copiedTo);
    const placed = Array.from({ length: COUNT }, (_, index) => regions[index % regions.length]);
    const fleet = await buildFleet(ours, placed, copiedTo);
    print(title, fleet, findLowerBound(alone, fleet), alone);
    if (values.beside !== undefined)
      print(`  beside it: ${values.beside}`, await buildFleet(resolve(values.beside), placed, copiedTo), 0);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** Once for all rows that it is the bound of. */
async function measureSingle(cli, copiedTo) {
  const known = singles.get(copiedTo.length);
  if (known !== undefined) return known;
  const alone = await buildFleet(cli, [SIXTEEN[0]], copiedTo);
  print(copiedTo.length === 0 ? 'one image' : 'one image and its copies', alone, alone.seconds);
  singles.set(copiedTo.length, alone);
  return alone;
}

/** Builds one image in each of the places, and copies it, in one process, on a sandbox of its own. */
async function buildFleet(cli, places, copiedTo) {
  const folder = mkdtempSync(join(work, 'fleet-'));
  const logFile = join(folder, 'calls.log');
  const server = spawn(process.execPath, ['bench/fleet-server.mjs', JSON.stringify({ ...SERVER, logFile })], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: folder },
  });
  try {
    const line = await new Promise((resolve, reject) => {
      createInterface({ input: server.stdout }).once('line', resolve);
      server.once('exit', (code) => reject(new Error(`The server ended with ${code}`)));
    });
    const { endpoint, accessKeyId, secretAccessKey } = JSON.parse(line);
    mkdirSync(join(folder, 'project'));
    const config = join(folder, 'project', 'buildimg.json');
    writeFileSync(config, JSON.stringify({ version: 1, images: describeImages(places, copiedTo) }));
    const environment = {
      PATH: process.env.PATH,
      HOME: folder,
      XDG_STATE_HOME: join(folder, 'state'),
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    };
    const parallel = values.beside !== undefined && cli === resolve(values.beside) ? '64' : '0';
    const { ms, peakMib, output } = await measure(
      process.execPath,
      [cli, 'build', '--config', config, '--parallel', parallel, '--json', '--quiet'],
      { env: environment, okCodes: [0, 3, 4, 6] },
    );
    const { images } = JSON.parse(output);
    const failed = images.filter(({ outcome }) => outcome === 'failed');
    for (const { image, error } of failed.slice(0, 3)) process.stdout.write(`  ${image}: ${error.message}\n`);
    return {
      waited: readCpuWait(server.pid),
      seconds: ms / 1000,
      peakMib,
      built: images.length - failed.length,
      failed: failed.length,
      ...readCalls(logFile),
    };
  } finally {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

function describeImages(places, copiedTo) {
  const builder = { type: 'ec2', instanceType: 't3.small', iamInstanceProfile: 'ssm' };
  const provisioners = ['update', 'time-sync', { harden: { profile: 'baseline' } }, 'seal'];
  const source = { os: 'debian-12' };
  return Object.fromEntries(
    places.map((region, index) => {
      const name = `image-${String(index + 1).padStart(3, '0')}`;
      const others = copiedTo.filter((each) => each !== region);
      const publish = others.length === 0 ? {} : { publish: { regions: others } };
      return [name, { version: '1.0.0', region, source, builder, provisioners, ...publish }];
    }),
  );
}

/** Calls by place and action, in the order of the server's log: `time region service:Action [error] status …`. */
function readCalls(logFile) {
  const calls = [];
  let refused = 0;
  for (const line of readFileSync(logFile, 'utf8').split('\n')) {
    const [time, region, action, outcome] = line.split(' ');
    if (!/^\w+:\w+$/.test(action ?? '')) continue;
    if (outcome === 'RequestLimitExceeded' || outcome === 'ThrottlingException') refused += 1;
    else calls.push({ at: Date.parse(time), key: `${region} ${action}`, action });
  }
  return { calls, refused };
}

/**
 * What no scheduler can beat: a single image's own time; and for each bucket of a changing action, what a single image does
 * before its first such call, the time in which the bucket lets all of them through, and what a single image does after its
 * last one. Lookups are left out: how many of them there are is the scheduler's own doing.
 */
function findLowerBound(alone, { calls }) {
  const begin = alone.calls[0].at;
  const bounds = [...groupBy(calls, 'key')].map(([key, list]) => {
    const action = list[0].action;
    if (READING.test(action)) return { seconds: alone.seconds };
    const { burst, perSecond } =
      THROTTLES.find((each) => each.action === action || each.action === `${action.split(':')[0]}:*`) ?? {};
    const own = alone.calls.filter((call) => call.action === action);
    if (burst === undefined || own.length === 0) return { seconds: alone.seconds };
    const before = (own[0].at - begin) / 1000;
    const after = alone.seconds - (own.at(-1).at - begin) / 1000;
    return { key, seconds: before + Math.max(0, list.length - burst) / perSecond + after };
  });
  return Math.max(alone.seconds, ...bounds.map(({ seconds }) => seconds));
}

/** Seconds that a process was ready to run and had no CPU: on a busy machine they are in the makespan, and nobody's merit. */
function readCpuWait(pid) {
  const [, waitedNs] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ');
  return Number(waitedNs) / 1e9;
}

function print(title, { waited, seconds, peakMib, built, failed, refused, calls }, bound, alone) {
  process.stdout.write(`${title}: ${built} built, ${failed} failed in ${seconds.toFixed(1)} s`);
  if (bound > 0) process.stdout.write(`, lower bound ${bound.toFixed(1)} s (${(seconds / bound).toFixed(2)}×)`);
  process.stdout.write(`, peak ${peakMib.toFixed(0)} MiB, ${calls.length} calls, ${refused} more refused`);
  process.stdout.write(`; the sandbox waited ${waited.toFixed(0)} s for a CPU\n`);
  const counts = countActions(calls);
  const single = alone === undefined ? new Map() : countActions(alone.calls);
  for (const [action, count] of [...counts].sort(([, one], [, other]) => other - one)) {
    const apart = single.has(action) ? `  (one by one: ${single.get(action) * COUNT})` : '';
    process.stdout.write(`    ${String(count).padStart(6)} ${action}${apart}\n`);
  }
}

function groupBy(calls, field) {
  const groups = new Map();
  for (const call of calls) groups.set(call[field], [...(groups.get(call[field]) ?? []), call]);
  return groups;
}

function countActions(calls) {
  return new Map([...groupBy(calls, 'action')].map(([action, list]) => [action, list.length]));
}
