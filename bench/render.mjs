// buildimg's start and rendering beside the real packer on the same template: node bench/render.mjs
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interleave, measure } from './measure.mjs';

const RUNS = 15;
const IMAGES = 1000;
const FLEET_RUNS = 7;
const CONFIG = 'examples/nginx/buildimg.yaml';
const folder = mkdtempSync(join(tmpdir(), 'buildimg-bench-'));
const env = { ...process.env, CHECKPOINT_DISABLE: '1' };

const buildimg = (...args) => measure('node', ['dist/cli.mjs', ...args], { env });
const render = () => buildimg('render', 'web', '--config', CONFIG, '--out', join(folder, 'one'));
await render();
const medians = await interleave(
  {
    'buildimg --help': () => buildimg('--help'),
    'packer version': () => measure('packer', ['version'], { env }),
    'buildimg render (1 image)': render,
    'packer validate (its template)': () =>
      measure('packer', ['validate', 'template.json'], { env, cwd: join(folder, 'one', 'web') }),
  },
  { runs: RUNS },
);
for (const [name, ms] of Object.entries(medians)) process.stdout.write(`${name.padEnd(34)} ${ms.toFixed(0)} ms\n`);
const ratio = medians['buildimg render (1 image)'] / medians['packer validate (its template)'];
process.stdout.write(`render / validate                  ${ratio.toFixed(2)}\n`);

const fleet = join(folder, 'fleet.json');
const image = (index) => ({
  version: '1.0.0',
  source: { os: 'debian-12' },
  builder: { type: 'packer', instanceType: 't3.small' },
  provisioners: ['update', { packages: { install: ['nginx-light'] } }, { harden: {} }, 'seal'],
  ami: { tags: { index: String(index) } },
});
const images = Object.fromEntries(Array.from({ length: IMAGES }, (_, index) => [`image-${index}`, image(index)]));
writeFileSync(fleet, JSON.stringify({ version: 1, images }));
const runs = [];
for (let run = 0; run < FLEET_RUNS; run += 1) {
  // What the disk still owes from the run before is not this run's.
  await measure('sync', []);
  runs.push(await buildimg('render', '--config', fleet, '--out', join(folder, `many-${run}`)));
}
runs.sort((one, other) => one.ms - other.ms);
const median = runs[Math.floor(FLEET_RUNS / 2)];
const peakMib = Math.max(...runs.map((run) => run.peakMib));
process.stdout.write(
  `render of ${IMAGES} images              ${median.ms.toFixed(0)} ms, peak ${peakMib.toFixed(0)} MiB\n`,
);
rmSync(folder, { recursive: true });
