// Of a rendered template.json, what the stand-in needs, with its variables filled in.
import { readFileSync } from 'node:fs';

export interface StandInTemplate {
  readonly builder: {
    readonly region: string;
    readonly ami_name: string;
    readonly instance_type: string;
    readonly source_ami?: string;
    readonly source_ami_filter?: { readonly filters: Readonly<Record<string, string>>; readonly owners: string[] };
    readonly temporary_key_pair_name?: string;
    readonly security_group_ids?: readonly string[];
    readonly run_tags: Readonly<Record<string, string>>;
    readonly tags: Readonly<Record<string, string>>;
  };
  readonly provisioners: readonly StandInProvisioner[];
}

export interface StandInProvisioner {
  readonly type: string;
  readonly inline?: readonly string[];
  readonly scripts?: readonly string[];
  readonly direction?: string;
  readonly source?: string;
  readonly destination?: string;
}

/** `words` are those of the command line, the file last. */
export function readTemplate(words: readonly string[]): StandInTemplate {
  const text = readFileSync(words.at(-1) ?? '', 'utf8');
  const given = words.filter((_, index) => words[index - 1] === '-var').map((word) => splitOnce(word));
  const template = JSON.parse(text) as { readonly variables: Readonly<Record<string, string>> };
  const variables = { ...template.variables, ...Object.fromEntries(given) };
  const filled = text.replaceAll(/\{\{user `(\w+)`\}\}/g, (_, name: string) => variables[name] ?? '');
  const { builders, provisioners } = JSON.parse(filled) as {
    readonly builders: readonly [StandInTemplate['builder']];
    readonly provisioners: StandInTemplate['provisioners'];
  };
  return { builder: builders[0], provisioners };
}

function splitOnce(word: string): readonly [string, string] {
  const end = word.indexOf('=');
  return [word.slice(0, end), word.slice(end + 1)];
}
