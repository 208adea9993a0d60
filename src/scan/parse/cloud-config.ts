export type CloudValue = unknown;
export interface CloudConfigFile {
  readonly path: string;
  readonly content: Readonly<Record<string, CloudValue>>;
}

/**
 * cloud.cfg with cloud.cfg.d over it, as cloud-init's read_conf_with_confd does by default: mappings are merged, of
 * everything else (lists too) the file that comes later in the alphabet wins.
 * @param files cloud.cfg first, then cloud.cfg.d/*.cfg in lexical order
 */
export function mergeCloudConfig(files: readonly CloudConfigFile[]): Readonly<Record<string, CloudValue>> {
  return files.reduce((merged, file) => mergeMappings(merged, file.content), {});
}

function mergeMappings(
  base: Readonly<Record<string, CloudValue>>,
  over: Readonly<Record<string, CloudValue>>,
): Readonly<Record<string, CloudValue>> {
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(over)) {
    const before = merged.get(key);
    merged.set(key, isMapping(before) && isMapping(value) ? mergeMappings(before, value) : value);
  }
  return Object.fromEntries(merged);
}

/** The value at a path of keys; undefined where any of them is missing. */
export function findCloudValue(config: Readonly<Record<string, CloudValue>>, ...keys: readonly string[]): CloudValue {
  let value: CloudValue = config;
  for (const key of keys) value = isMapping(value) ? value[key] : undefined;
  return value;
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
