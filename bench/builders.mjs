// The same image by both builders, one after the other, in the same sandbox with real machines: wall time, and what of it is
// above the lower bound (boot, steps on the instance, the transitions that were set, the scan of the image).
//   node bench/builders.mjs [RUNS] [running=8,stopped=15,image=60]
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadModule } from '../scripts/load-module.mjs';
import { measure, median } from './measure.mjs';

const { createHome } = await loadModule('test/support/run-cli.ts');

const BUILDERS = ['packer', 'ec2'];
/** Steps that do what was asked for; both builders have them under these names. */
const ASKED = ['work.sh', 'seal', 'scan image'];
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

const [runsText = '1', delaysText = ''] = process.argv.slice(2);
const delays = delaysText.split(',').filter((each) => each !== '');
const home = await createHome();
try {
  const folder = join(home.folder, 'config');
  mkdirSync(folder);
  writeFileSync(join(folder, 'buildimg.yaml'), CONFIG);
  writeFileSync(join(folder, 'work.sh'), '#!/bin/sh\nsleep 10\n');
  await home.run('sandbox', 'up', ...delays.flatMap((each) => ['--delay', each]));
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
  const least = (names) => {
    const sums = builds.map(({ steps }) => names.reduce((sum, name) => sum + (steps.get(name) ?? 0), 0));
    return Math.min(...sums);
  };
  const set = delays.reduce((sum, each) => sum + Number(each.split('=')[1]) * 1000, 0);
  // The delay of `running` is within the launch.
  const running = Number(/running=([\d.]+)/.exec(delaysText)?.[1] ?? 0) * 1000;
  // As one: who reaches the instance before it is up waits for the rest of its boot in the first step that needs it.
  const own = least(['launch instance', 'connect', ...ASKED]) - running;
  const bound = own + set;
  const walls = Object.fromEntries(
    BUILDERS.map((name) => [name, median(builds.filter(({ builder }) => builder === name).map(({ ms }) => ms))]),
  );
  for (const name of BUILDERS) {
    const own = builds.filter(({ builder }) => builder === name);
    const list = [...own[0].steps.keys()]
      .map((step) => `${step} ${seconds(median(own.map(({ steps }) => steps.get(step) ?? 0)))}`)
      .join(', ');
    print(`${name}: ${seconds(walls[name])}, above the bound ${seconds(walls[name] - bound)} (${list})`);
  }
  print(`bound: ${seconds(bound)} (boot and steps ${seconds(own)}, transitions ${seconds(set)})`);
  print(
    `ec2/packer: wall ${ratio(walls.ec2, walls.packer)}, above the bound ${ratio(walls.ec2 - bound, walls.packer - bound)}`,
  );
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
