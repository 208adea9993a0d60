import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { execa } from 'execa';
import { parse } from 'yaml';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../provisioners');
const NAMES = readdirSync(ROOT).filter((name) => name !== 'lib' && statSync(join(ROOT, name)).isDirectory());
const SCRIPTS = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.sh'))
  .map((path) => join(ROOT, path));

interface Description {
  readonly name: string;
  readonly summary: string;
  readonly position: string;
  readonly kind: string;
  readonly options: {
    readonly additionalProperties: boolean;
    readonly properties: Record<string, { description?: string; type?: string; default?: unknown }>;
  };
}

function describeProvisioner(name: string): Description {
  return parse(readFileSync(join(ROOT, name, 'provisioner.yaml'), 'utf8')) as Description;
}

describe('the scripts of the provisioners', () => {
  it('pass shellcheck', async () => {
    const result = await execa('shellcheck', ['-x', '-P', 'SCRIPTDIR', ...SCRIPTS], { reject: false });

    expect(result.stdout).toBe('');
    expect(result.exitCode).toBe(0);
  }, 120_000);

  it('are formatted as shfmt formats them', async () => {
    const result = await execa('shfmt', ['-i', '2', '-ci', '-d', ...SCRIPTS], { reject: false });

    expect(result.stdout).toBe('');
    expect(result.exitCode).toBe(0);
  });

  it('stay below 300 lines and stop at the first error', () => {
    const long = SCRIPTS.filter((path) => readFileSync(path, 'utf8').split('\n').length > 300);
    const careless = SCRIPTS.filter((path) => /\/(apply|verify)\.sh$/.test(path)).filter(
      (path) =>
        !readFileSync(path, 'utf8').startsWith('#!/usr/bin/env bash\n') ||
        !/^set -euo pipefail$/m.test(readFileSync(path, 'utf8')),
    );

    expect(SCRIPTS.length).toBeGreaterThan(10);
    expect(long).toEqual([]);
    expect(careless).toEqual([]);
  });
});

describe.each(NAMES)('provisioners/%s', (name) => {
  const description = describeProvisioner(name);

  it('is named as its folder and has a page of its own', () => {
    expect(description.name).toBe(name);
    expect(readFileSync(join(ROOT, name, 'README.md'), 'utf8')).toContain(`# ${name}`);
  });

  it('describes every option, with a default of its own type', () => {
    const ajv = new Ajv2020({ strict: true, formats: { path: true } });
    const { properties, additionalProperties } = description.options;

    expect(additionalProperties).toBe(false);
    for (const [option, schema] of Object.entries(properties)) {
      expect([option, schema.description?.length ?? 0]).toEqual([option, expect.any(Number)]);
      expect(schema.description).toBeTruthy();
      if (schema.default !== undefined) expect(ajv.validate(schema, schema.default)).toBe(true);
    }
    expect(() => ajv.compile(description.options)).not.toThrow();
  });

  it('has apply.sh and verify.sh exactly if it is a script', () => {
    const scripts = SCRIPTS.map((path) => relative(join(ROOT, name), path)).filter((path) =>
      /^(apply|verify)\.sh$/.test(path),
    );

    expect(scripts.sort()).toEqual(description.kind === 'script' ? ['apply.sh', 'verify.sh'] : []);
  });

  it('names every option on its page', () => {
    const page = readFileSync(join(ROOT, name, 'README.md'), 'utf8');

    for (const option of Object.keys(description.options.properties)) expect(page).toContain(`\`${option}\``);
  });
});
