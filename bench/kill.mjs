// What SIGKILL leaves behind: builds of the builder ec2 killed after every record of the journal and in every call, with every
// fault of the catalogue on top, half of them resumed and half reaped; the same of builds by the stand-in for Packer 1.16; then
// the real packer killed in every call with the same faults. What others have stands beside every build of buildimg and is
// compared afterwards. Machines are not there, the endpoint is the sandbox's own:
// node bench/kill.mjs [ec2|standin|packer] [FAULT]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadModule } from '../scripts/load-module.mjs';

// The SDK's word on Node's age is not what is measured here.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const { openKillCampaign } = await loadModule('test/support/kill-campaign.ts');
const { openPackerKills } = await loadModule('test/support/packer-kills.ts');
const { bundleStandIn, writeStandIn } = await loadModule('test/support/stand-in-packer/write-stand-in.ts');
const { bundleChild } = await loadModule('test/support/bundle-child.ts');
const { listKillFaults } = await loadModule('test/support/kill-faults.ts');
const { mapLimit } = await loadModule('src/map-limit.ts');

const WORKERS = 2;
const EC2_CALLS = [
  'RunInstances',
  'StopInstances',
  'CreateImage',
  'ModifyImageAttribute',
  'CreateTags',
  'TerminateInstances',
];
const PACKER_CALLS = [
  'CreateKeyPair',
  'CreateSecurityGroup',
  'AuthorizeSecurityGroupIngress',
  ...EC2_CALLS,
  'DeleteSecurityGroup',
  'DeleteKeyPair',
];
const toPoint = (call) => ({ call: `ec2:${call}` });

const [tool, wanted] = process.argv.slice(2);
const faults = listKillFaults().filter(({ name }) => wanted === undefined || name.includes(wanted));
const isWanted = (name) => tool === undefined || tool === name;
if (isWanted('ec2')) await killEc2();
if (isWanted('standin')) await killStandIn();
if (isWanted('packer')) await killPacker();

async function killEc2() {
  const calls = [...EC2_CALLS.map(toPoint), { call: 'ssm:SendCommand' }];
  await killBuilds('buildimg, builder ec2', { calls, faults, builder: 'ssm' });
}

/** Faults of what a build by packer calls; a stand-in is a process, so there is one for each campaign. */
async function killStandIn() {
  const program = await bundleStandIn();
  const calls = PACKER_CALLS.map(toPoint);
  await killBuilds('buildimg, builder packer, 1.16 by its stand-in', {
    calls,
    faults: faults.filter(isOfEc2),
    get builder() {
      const folder = mkdtempSync(join(tmpdir(), 'stand-in-'));
      return { packer: writeStandIn(folder, { transcript: 'packer-1.16.0', program }).path };
    },
  });
  rmSync(dirname(program), { recursive: true });
}

/** Of SSM and of snapshots' blocks packer makes no use. */
function isOfEc2({ fault }) {
  return fault === undefined || /^(?:ec2|sandbox):/.test(fault.action);
}

async function killBuilds(who, options) {
  const child = await bundleChild('test/support/ec2-build-child.ts');
  const total = {
    runs: 0,
    killed: 0,
    resumed: 0,
    reaped: 0,
    leaksResume: 0,
    leaksReap: 0,
    otherIds: 0,
    notRecovered: 0,
    touchedOthers: 0,
  };
  const work = await mapLimit(options.faults, WORKERS, async ({ name, fault }) => {
    const campaign = await openKillCampaign(child, options.builder);
    const records = await campaign.countRecords();
    const points = [...Array.from({ length: records }, (_, index) => ({ record: index + 1 })), ...options.calls];
    for (const [index, point] of points.entries()) {
      // Each fault meets both at every other point, and its neighbour in the catalogue has them the other way round.
      const recovery = (index + faults.findIndex((each) => each.name === name)) % 2 === 0 ? 'resume' : 'reap';
      count(total, { recovery, name, point, ...(await campaign.run({ point, fault, recovery })) });
    }
    await campaign.close();
    print(`${name}: so far`, total);
  });
  rmSync(dirname(child), { recursive: true });
  throwFirst(work);
  print(who, total);
}

function count(total, { recovery, name, point, isKilled, left, isRecovered, isOtherImage, touched, failures }) {
  total.runs += 1;
  total.killed += Number(isKilled);
  total[recovery === 'resume' ? 'resumed' : 'reaped'] += 1;
  total[recovery === 'resume' ? 'leaksResume' : 'leaksReap'] += Number(left.length > 0);
  total.otherIds += Number(isOtherImage);
  total.notRecovered += Number(!isRecovered);
  total.touchedOthers += Number(touched.length > 0);
  if (left.length === 0 && !isOtherImage && isRecovered && touched.length === 0) return;
  process.stdout.write(
    `! ${name} at ${JSON.stringify(point)} ${recovery}: ${JSON.stringify({ isKilled, left, isRecovered, isOtherImage, touched })}\n`,
  );
  for (const failure of failures) process.stdout.write(`    ${failure.replaceAll('\n', '\n    ')}\n`);
}

async function killPacker() {
  const total = { runs: 0, killed: 0, leaks: 0, instances: 0, keyPairs: 0, securityGroups: 0, images: 0, snapshots: 0 };
  const work = await mapLimit(faults.filter(isOfEc2), WORKERS, async ({ name, fault }) => {
    const kills = await openPackerKills();
    for (const point of PACKER_CALLS.map(toPoint)) {
      const { isKilled, left } = await kills.run(point.call, fault);
      total.runs += 1;
      total.killed += Number(isKilled);
      // The image alone is what was wanted: packer was done but for its last words.
      total.leaks += Number(left.instances + left.keyPairs + left.securityGroups > 0);
      for (const [kind, number] of Object.entries(left)) total[kind] += number;
    }
    await kills.close();
    print(`${name}: so far`, total);
  });
  throwFirst(work);
  print('packer 1.6.6', total);
}

function throwFirst(results) {
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

function print(who, total) {
  const text = Object.entries(total).map(([name, number]) => `${name} ${number}`);
  process.stdout.write(`${who}: ${text.join(', ')}\n`);
}
