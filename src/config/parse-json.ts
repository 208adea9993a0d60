import type { ConfigSource } from './config-source.js';
import { parseYaml } from './parse-yaml.js';

/**
 * Reads JSON. Text without mistakes takes the short way, ten times as fast; at the first question about a position, or a
 * mistake, it is read again by the YAML parser, which keeps positions.
 */
export function parseJson(text: string): ConfigSource {
  const value = findJsonValue(text);
  if (value === undefined || value === null || hasDuplicateKey(text)) return parseYaml(text, 'json');
  let withPositions: ConfigSource | undefined;
  return {
    text,
    value,
    problems: [],
    locate(path, target) {
      withPositions ??= parseYaml(text, 'json');
      return withPositions.locate(path, target);
    },
  };
}

function findJsonValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** JSON.parse takes the last of two equal keys without a word. `text` is known to be JSON. */
function hasDuplicateKey(text: string): boolean {
  const open: (Set<string> | undefined)[] = [];
  let lastString = '';
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (token !== ':') lastString = token;
    else {
      const keys = open.at(-1);
      const key = JSON.parse(lastString) as string;
      if (keys?.has(key)) return true;
      keys?.add(key);
    }
  }
  return false;
}
