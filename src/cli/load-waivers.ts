import { readFile, stat } from 'node:fs/promises';
import { validateWaiversShape } from '../config/generated/validators.js';
import { inspectWaiver } from '../config/inspect-waiver.js';
import { parseYaml } from '../config/parse-yaml.js';
import type { WaiverConfig } from '../config/resolved-config.js';
import type { SchemaError } from '../config/schema-validator.js';
import { createError } from '../errors.js';
import { limits } from '../lib/limits.js';

/**
 * Waivers of a YAML or JSON file: a list of `{ check, path?, reason, expires }`, bare or under `waivers`, as in the
 * `scan` section of a config.
 * Errors: SCAN_WAIVERS_INVALID.
 */
export async function loadWaivers(file: string): Promise<readonly WaiverConfig[]> {
  try {
    const content = await readYaml(file);
    return assertWaivers(isRecord(content) ? content['waivers'] : content);
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw createError('SCAN_WAIVERS_INVALID', [file, reason], { cause: error });
  }
}

async function readYaml(file: string): Promise<unknown> {
  const { size } = await stat(file);
  if (size > limits.waiversBytes) throw new Error(`it has ${size} bytes, more than ${limits.waiversBytes}`);
  const { value, problems } = parseYaml(await readFile(file, 'utf8'), 'yaml');
  const [problem] = problems;
  if (problem !== undefined) throw new Error(problem.message);
  return value;
}

function assertWaivers(list: unknown): readonly WaiverConfig[] {
  if (!Array.isArray(list)) throw new Error('there is no list of waivers in it');
  if (!validateWaiversShape(list)) throw new Error(describeShapeError(validateWaiversShape.errors?.[0]));
  for (const [index, waiver] of (list as readonly WaiverConfig[]).entries()) {
    const [fault] = inspectWaiver(waiver);
    if (fault?.kind === 'not-a-day') throw new Error(`waiver ${index + 1}: expires is not a day like 2027-01-31`);
    if (fault?.kind === 'no-pattern')
      throw new Error(`waiver ${index + 1}: ${fault.key} is no pattern that can be used: ${fault.problem}`);
    if (fault?.kind === 'unknown') {
      const hint = fault.near === undefined ? '' : `; did you mean ${fault.near}?`;
      throw new Error(`waiver ${index + 1}: there is no check ${waiver.check}${hint}`);
    }
  }
  return list as readonly WaiverConfig[];
}

function describeShapeError(error: SchemaError | undefined): string {
  const [, position = '0', key = ''] = error?.instancePath.split('/') ?? [];
  const where = `waiver ${Number(position) + 1}`;
  const { additionalProperty, missingProperty } = error?.params ?? {};
  if (typeof additionalProperty === 'string') return `${where} has an unknown key "${additionalProperty}"`;
  if (key === '')
    return typeof missingProperty === 'string' ? `${where} has no ${missingProperty}` : `${where} is not a mapping`;
  if (key === 'expires' && error?.keyword === 'pattern') return `${where}: expires is not a day like 2027-01-31`;
  return `${where} has no ${key}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
