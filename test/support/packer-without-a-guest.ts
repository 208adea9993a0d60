// The real packer over machines that are not there: the template that `build` renders, without communicator and provisioners.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PackerBinary } from '../../src/packer/find-packer.js';
import type { ImagePlan } from '../../src/plan/image-plan.js';
import { renderPackerJson } from '../../src/render/packer/legacy-json.js';

interface LegacyTemplate {
  readonly variables: object;
  readonly builders: readonly object[];
}

/** Writes the template of a plan into `folder`, which is made, and gives its file. */
export function writeGuestlessTemplate(plan: ImagePlan, folder: string): string {
  const [rendered] = renderPackerJson(plan);
  if (rendered === undefined || !('text' in rendered.content)) throw new Error('No template was rendered');
  const { builders, variables } = JSON.parse(rendered.content.text) as LegacyTemplate;
  const file = join(folder, 'guestless.json');
  mkdirSync(folder, { recursive: true });
  const guestless = builders.map((builder) => ({ ...builder, communicator: 'none' }));
  writeFileSync(file, JSON.stringify({ variables, builders: guestless }));
  return file;
}

/** Writes a program into `folder` that runs the packer of this machine on what it is given, less what needs a guest. */
export function writeGuestlessPacker(folder: string): PackerBinary {
  const path = join(folder, 'guestless-packer');
  writeFileSync(path, `#!${process.execPath}\n${PROGRAM}`, { mode: 0o755 });
  return { path, version: '1.6.6' };
}

const PROGRAM = `
const { spawnSync } = require('node:child_process');
const { readFileSync, writeFileSync } = require('node:fs');
const words = process.argv.slice(2);
const { variables, builders } = JSON.parse(readFileSync(words.pop(), 'utf8'));
const guestless = builders.map((builder) => ({ ...builder, communicator: 'none' }));
writeFileSync('guestless.json', JSON.stringify({ variables, builders: guestless }));
process.exit(spawnSync('packer', [...words, 'guestless.json'], { stdio: 'inherit' }).status ?? 1);
`;
