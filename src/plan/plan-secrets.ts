import type { SecretUse } from '../config/secret-uses.js';

/** A secret that steps use. Templates take it as a variable without a default. */
export interface PlannedSecret {
  /** Name of the template's variable. */
  readonly variable: string;
  readonly value: string;
  /** Every place of the config that uses it. */
  readonly where: readonly string[];
}

/** Variables that every template has. */
const RESERVED = ['run_id', 'expires', 'ssh_port', 'ssh_source_cidr', 'source_ami'];

/** The secrets of an image, each once, by names that no two of them and no variable of the template share. */
export function planSecrets(uses: readonly SecretUse[]): readonly PlannedSecret[] {
  const taken = new Set(RESERVED);
  const names = [...new Map(uses.map((use) => [JSON.stringify([use.name, use.value]), use])).values()];
  return names.map(({ name, value }) => {
    const variable = findFreeName(name, taken);
    taken.add(variable);
    const where = uses.filter((use) => use.name === name && use.value === value).map((use) => use.where);
    return { variable, value, where: [...new Set(where)] };
  });
}

function findFreeName(name: string, taken: ReadonlySet<string>): string {
  const candidates = [name, `secret_${name}`];
  const free = candidates.find((candidate) => !taken.has(candidate));
  return free ?? findFreeName(`${name}_2`, taken);
}

/** `text` in its order: what is written out, and the secrets between. The longest secret counts where one holds another. */
export function splitAtSecrets(text: string, secrets: readonly PlannedSecret[]): readonly (string | PlannedSecret)[] {
  const longestFirst = [...secrets].sort((a, b) => b.value.length - a.value.length);
  return longestFirst.reduce<readonly (string | PlannedSecret)[]>(
    (parts, secret) => parts.flatMap((part) => (typeof part === 'string' ? splitAt(part, secret) : [part])),
    [text],
  );
}

function splitAt(text: string, secret: PlannedSecret): readonly (string | PlannedSecret)[] {
  return text
    .split(secret.value)
    .flatMap((part, index) => [...(index === 0 ? [] : [secret]), ...(part === '' ? [] : [part])]);
}
