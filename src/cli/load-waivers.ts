import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { createError } from '../errors.js';
import type { Waiver } from '../scan/waivers.js';

/**
 * Waivers of a YAML or JSON file: a list of `{ check, path?, reason, expires }`, bare or under `waivers`.
 * Errors: SCAN_WAIVERS_INVALID.
 */
export async function loadWaivers(file: string): Promise<readonly Waiver[]> {
  try {
    const content: unknown = parse(await readFile(file, 'utf8'), { maxAliasCount: 0 });
    return parseWaivers(content);
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw createError('SCAN_WAIVERS_INVALID', [file, reason], { cause: error });
  }
}

function parseWaivers(content: unknown): readonly Waiver[] {
  const list = isRecord(content) ? content['waivers'] : content;
  if (!Array.isArray(list)) throw new Error('there is no list of waivers in it');
  return list.map((each: unknown, index) => parseWaiver(each, `waiver ${index + 1}`));
}

/** A misspelt key would waive more than was meant (a `path` that is not there) or nothing: both are refused. */
function parseWaiver(waiver: unknown, where: string): Waiver {
  if (!isRecord(waiver)) throw new Error(`${where} is not a mapping`);
  const unknown = Object.keys(waiver).find((key) => !['check', 'path', 'reason', 'expires'].includes(key));
  if (unknown !== undefined) throw new Error(`${where} has an unknown key "${unknown}"`);
  const [check, reason, expires] = ['check', 'reason', 'expires'].map((key) => getText(waiver, { key, where }));
  if (expires === undefined || !isDay(expires)) throw new Error(`${where}: expires is not a day like 2027-01-31`);
  const path = waiver['path'] === undefined ? {} : { path: getText(waiver, { key: 'path', where }) };
  return { check: check ?? '', ...path, reason: reason ?? '', expires };
}

function getText(
  waiver: Readonly<Record<string, unknown>>,
  { key, where }: { readonly key: string; readonly where: string },
): string {
  const value = waiver[key];
  if (typeof value !== 'string' || value.trim() === '') throw new Error(`${where} has no ${key}`);
  return value;
}

function isDay(text: string): boolean {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // The second half refuses 2027-02-30, which Date takes for the second of March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
