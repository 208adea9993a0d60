import { rm, writeFile } from 'node:fs/promises';

/** A file of variables for `-var-file`, which only its owner may read. */
export interface SecretsFile {
  readonly path: string;
  /** Removes it; a second time does nothing. */
  readonly remove: () => Promise<void>;
}

/**
 * Writes the values of secret variables where packer reads them: a command line is read by every user of the machine.
 * Packer reads the file before it says its first word, so it need not outlive that. Undefined when there are none.
 */
export async function writeSecretsFile(
  path: string,
  values: Readonly<Record<string, string>>,
): Promise<SecretsFile | undefined> {
  if (Object.keys(values).length === 0) return undefined;
  // What a killed run left may have another mode.
  await rm(path, { force: true });
  let removing: Promise<void> | undefined;
  const remove = () => (removing ??= rm(path, { force: true }));
  await writeFile(path, JSON.stringify(values), { flag: 'wx', mode: 0o600 });
  return { path, remove };
}
