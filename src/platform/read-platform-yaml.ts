import { parseYaml } from '../config/parse-yaml.js';
import type { PlatformArchive } from './archive.js';
import { readArchiveText } from './read-text.js';

/** The value of an archive's platform.yaml, read within the limits of a config; undefined when there is none. */
export async function readPlatformYaml({ entries }: PlatformArchive): Promise<unknown> {
  const entry = entries.get('platform.yaml');
  if (entry === undefined) return undefined;
  return (await readArchiveText(entry, (text) => parseYaml(text, 'yaml'), 'PLATFORM_YAML_SYNTAX')).value;
}
