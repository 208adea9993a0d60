import { composeYaml } from '../../config/compose-yaml.js';

/** With 1.1, which cloud-init reads, `yes` is true. */
export type YamlVersion = '1.1' | '1.2';

/** What a text holds: its value (undefined where it is no YAML, which its readers skip), or why it was not read. */
export type YamlContent = { readonly value: unknown } | { readonly unread: string };

/** The parser takes up to 10 µs a character. cloud.cfg has 4 KiB. */
const MAX_YAML_LENGTH = 64 * 1024;
const MAX_ALIASES = 20;

/** Reads the first document of a YAML text. */
export function parseYaml(text: string, version: YamlVersion): YamlContent {
  if (text.length > MAX_YAML_LENGTH) return { unread: `it has more than ${MAX_YAML_LENGTH} characters of YAML` };
  const { documents, tooDeep } = composeYaml(text, { version, stopsAtError: true });
  if (tooDeep) return { unread: 'its YAML nests too deep' };
  const [document] = documents;
  if (document === undefined || document.errors.length > 0) return { value: undefined };
  try {
    return { value: document.toJS({ maxAliasCount: MAX_ALIASES }) };
  } catch {
    return { unread: `its YAML has more than ${MAX_ALIASES} aliases of what has aliases, or aliases of nothing` };
  }
}
