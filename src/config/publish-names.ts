// Names of SSM parameters with placeholders in braces.

/** What a name may hold in braces. `inputs` is the eight digits that the AMI's name ends in. */
export const namePlaceholders = ['image', 'version', 'architecture', 'inputs'] as const;

export type NameValues = Readonly<Record<(typeof namePlaceholders)[number], string>>;

/** `name` with its placeholders replaced. */
export function fillName(name: string, values: NameValues): string {
  return name.replaceAll(PLACEHOLDER, (text, key: string) => values[key as keyof NameValues] ?? text);
}

/** The names in braces, known or not. */
export function findPlaceholders(name: string): readonly string[] {
  return [...name.matchAll(PLACEHOLDER)].map(([, key = '']) => key);
}

const PLACEHOLDER = /\{([a-z]+)\}/g;
