// A Packer template as the importer sees it, whichever language it was written in: legacy JSON's shape, in which
// `{{user `x`}}` stands for a variable.
import { isRecord } from '../is-record.js';
import { toText } from '../to-text.js';

export type Settings = Readonly<Record<string, unknown>>;

export interface LegacyTemplate {
  /** Name → default; undefined when it must be given. */
  readonly variables: ReadonlyMap<string, string | undefined>;
  /** Names of those that Packer masks. */
  readonly sensitive: ReadonlySet<string>;
  readonly builders: readonly Settings[];
  readonly provisioners: readonly Settings[];
  readonly postProcessors: readonly unknown[];
  /** What could not be understood, in a person's words. */
  readonly notes: readonly string[];
}

/** The parsed JSON of a legacy template. */
export function readLegacyTemplate(value: unknown): LegacyTemplate {
  const root = isRecord(value) ? value : {};
  const variables = isRecord(root['variables']) ? root['variables'] : {};
  return {
    variables: new Map(
      Object.entries(variables).map(([name, given]) => [name, given === null ? undefined : toText(given)]),
    ),
    sensitive: new Set(Array.isArray(root['sensitive-variables']) ? root['sensitive-variables'].map(toText) : []),
    builders: listRecords(root['builders']),
    provisioners: listRecords(root['provisioners']),
    postProcessors: Array.isArray(root['post-processors']) ? root['post-processors'] : [],
    notes: [],
  };
}

/** Replaces `{{user `x`}}` by what `give` says of x; text without it stays as it is. */
export function replaceVariables(text: string, give: (name: string, whole: string) => string): string {
  return text.replaceAll(/\{\{\s*user\s+[`"]([^`"]*)[`"]\s*\}\}/g, (whole, name: string) => give(name, whole));
}

function listRecords(value: unknown): readonly Settings[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
