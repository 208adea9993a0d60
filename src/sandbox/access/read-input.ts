type Input = Readonly<Record<string, unknown>>;

/** A member that is a text and says something. */
export function readText(input: Input, name: string): string | undefined {
  const value = input[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A member that is a text or a list of texts. */
export function readTexts(input: Input, name: string): readonly string[] {
  const value = input[name];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((each): each is string => typeof each === 'string' && each !== '');
}

/** A member that is a structure; empty when it is absent. */
export function readStructure(input: Input, name: string): Input {
  const value = input[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Input) : {};
}

/** A member that is a list of structures. */
export function readStructures(input: Input, name: string): readonly Input[] {
  const value = input[name];
  return Array.isArray(value) ? (value as readonly Input[]) : [];
}
