/** Where a value stands in a config: keys and list positions from the top. */
export type ConfigPath = readonly (string | number)[];

const PLAIN_KEY = /^[A-Za-z0-9_-]+$/;

/** For people: `images.web.provisioners[2].shell.script`; a key with other characters stands in brackets and quotes. */
export function formatPath(path: ConfigPath): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      if (!PLAIN_KEY.test(part)) return `[${JSON.stringify(part)}]`;
      return index === 0 ? part : `.${part}`;
    })
    .join('');
}

/** For maps: one string a path, never the same for two of them. */
export function pathKey(path: ConfigPath): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The value at `path`, if there is one. Own properties only: `constructor` finds nothing in an empty object. */
export function findValue(value: unknown, path: ConfigPath): unknown {
  let current = value;
  for (const part of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, part)) return undefined;
    current = (current as Record<string | number, unknown>)[part];
  }
  return current;
}

/** The path that ajv's JSON pointer stands for; list positions become numbers by looking at `value`. */
export function parsePointer(pointer: string, value: unknown): ConfigPath {
  const parts = pointer === '' ? [] : pointer.slice(1).split('/');
  const path: (string | number)[] = [];
  let current = value;
  for (const part of parts) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(current) ? Number(name) : name);
    current = findValue(current, path.slice(-1));
  }
  return path;
}
