// The same image by both builders, one after the other, in the same sandbox with real machines: wall time; what of it is above
// the lower bound (boot, steps on the instance, the transitions that were set or else the guest's own shutdown, the scan of the
// image; the best of all runs); and what of it was outside of these in the same run, which leaves out by how much an emulated
// machine is slower in one run than in another. Waiters are answered as AWS does, unless --long-polls is given.
//   node bench/builders.mjs [RUNS] [running=8,stopped=15,image=60] [--long-polls]
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadModule } from '../scripts/load-module.mjs';
import { measure, median } from './measure.mjs';

const { createHome } = await loadModule('test/support/run-cli.ts');

const BUILDERS = ['packer', 'ec2'];
/** Steps that do what was asked for; both builders have them under these names. */
const ASKED = ['work.sh', 'seal', 'scan image'];
// As one: who reaches the instance before it is up waits for the rest of its boot in the first step that needs it.
const BOOT_AND_ASKED = ['launch instance', 'connect', ...ASKED];
const STOP = 'stop instance';
const CONFIG = `version: 1
images:
  bench:
    version: 1.0.0
    source: { os: debian-12 }
    builder: { instanceType: t3.micro }
    provisioners:
      - shell: { script: work.sh }
      - seal
`;

const [runsText = '1', delaysText = ''] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const polls = process.argv.includes('--long-polls') ? [] : ['--no-long-polls'];
const delays = delaysText.split(',').filter((each) => each !== '');
const home = await createHome();
try {
  const folder = join(home.folder, 'config');
  mkdirSync(folder);
  writeFileSync(join(folder, 'buildimg.yaml'), CONFIG);
  writeFileSync(join(folder, 'work.sh'), '#!/bin/sh\nsleep 10\n');
  await home.run('sandbox', 'up', ...polls, ...delays.flatMap((each) => ['--delay', each]));
  await home.run('sandbox', 'image', 'build', 'debian-12');
  const builds = [];
  for (let run = 0; run < Number(runsText); run += 1) {
    for (const builder of BUILDERS) builds.push({ builder, ...(await build(builder, join(folder, 'buildimg.yaml'))) });
  }
  report(builds);
} finally {
  await home.run('sandbox', 'down');
  home.remove();
}

async function build(builder, config) {
  const words = ['build', '--sandbox', '--force', '--config', config, '--builder', builder, '--events', 'ndjson'];
  const steps = new Map();
  const { ms } = await measure('node', ['dist/cli.mjs', ...words], {
    env: home.environment,
    onError(line) {
      if (!line.startsWith('{')) return;
      const { name, step, elapsedMs } = JSON.parse(line);
      if (name === 'step.finished') steps.set(step, elapsedMs);
    },
  });
  return { ms, steps };
}

function report(builds) {
  const buildsBy = (name) => builds.filter(({ builder }) => builder === name);
  const set = delays.reduce((sum, each) => sum + Number(each.split('=')[1]) * 1000, 0);
  // The delay of `running` is within the launch.
  const running = Number(/running=([\d.]+)/.exec(delaysText)?.[1] ?? 0) * 1000;
  const own = Math.min(...builds.map(({ steps }) => sumOf(steps, BOOT_AND_ASKED))) - running;
  // Packer's own look at it comes 15 s late.
  const stops = buildsBy('ec2').map(({ steps }) => sumOf(steps, [STOP]));
  const stopped = /stopped=/.test(delaysText) ? 0 : median(stops);
  const bound = own + set + stopped;
  const walls = Object.fromEntries(BUILDERS.map((name) => [name, median(buildsBy(name).map(({ ms }) => ms))]));
  const outside = {};
  for (const name of BUILDERS) {
    const own = buildsBy(name);
    const list = [...own[0].steps.keys()]
      .map((step) => `${step} ${seconds(median(own.map(({ steps }) => steps.get(step) ?? 0)))}`)
      .join(', ');
    outside[name] = median(own.map(({ ms, steps }) => ms - sumOf(steps, BOOT_AND_ASKED) + running - set - stopped));
    const figures = `above the bound ${seconds(walls[name] - bound)}, outside of it ${seconds(outside[name])}`;
    print(`${name}: ${seconds(walls[name])}, ${figures} (${list})`);
  }
  print(
    `bound: ${seconds(bound)} (boot and steps ${seconds(own)}, transitions ${seconds(set)}, shutdown ${seconds(stopped)})`,
  );
  print(
    `ec2/packer: wall ${ratio(walls.ec2, walls.packer)}, above the bound ${ratio(walls.ec2 - bound, walls.packer - bound)}, outside ${ratio(outside.ec2, outside.packer)}`,
  );
}

function sumOf(steps, names) {
  return names.reduce((sum, name) => sum + (steps.get(name) ?? 0), 0);
}

function ratio(one, other) {
  return (one / other).toFixed(2);
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
