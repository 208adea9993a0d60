// The program that a config in TypeScript runs in: a process of its own, which sees the environment that it is given. Its
// answer comes by file descriptor 3, so that nothing that the config prints can be taken for it.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { execPath } from 'node:process';
import { deserialize } from 'node:v8';

export type ScriptAnswer =
  | { readonly value: unknown }
  /** What it threw. */
  | { readonly message: string; readonly stack: string };

/** A config of 1 MiB of text may make more data than that, and no more than this. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** Runs the file and gives its default export. What it prints is not shown. */
export async function runScriptChild(
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ScriptAnswer> {
  const jiti = createRequire(import.meta.url).resolve('jiti');
  const child = spawn(execPath, ['--input-type=commonjs', '-e', PROGRAM, jiti, file], {
    env: { ...environment },
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const chunks: Buffer[] = [];
  let size = 0;
  child.stdio[3]?.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) child.kill('SIGKILL');
    else chunks.push(chunk);
  });
  const ending = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(`it ended by itself with ${signal ?? `exit code ${String(code)}`}`));
  });
  if (chunks.length === 0) return { message: ending, stack: '' };
  const answer = deserialize(Buffer.concat(chunks)) as ScriptAnswer;
  return 'value' in answer ? { value: restore(answer.value, new Map()) } : answer;
}

/** What a process cannot hand to another one is named, so that the config can be refused with its place. */
const MARK = 'buildimg:not-data';

const PROGRAM = `
const [jitiPath, file] = process.argv.slice(1);
const { writeSync } = require('node:fs');
const { serialize } = require('node:v8');
const marked = (kind) => ({ ${JSON.stringify(MARK)}: kind });
const copy = (value, seen) => {
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') return marked(typeof value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Promise || Object.hasOwn(value, 'then')) return marked('promise');
  if (seen.has(value)) return seen.get(value);
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  if (tag !== 'Object' && tag !== 'Array') return marked(tag);
  const to = Array.isArray(value) ? [] : {};
  seen.set(value, to);
  for (const key of Object.keys(value)) Object.defineProperty(to, key, { value: copy(value[key], seen), enumerable: true });
  return to;
};
const tell = (answer) => {
  const bytes = serialize(answer);
  for (let at = 0; at < bytes.length; ) at += writeSync(3, bytes, at);
  process.exit(0);
};
const { createJiti } = require(jitiPath);
const defineConfig = (config) => config;
createJiti(file, { moduleCache: false, fsCache: false, virtualModules: { buildimg: { defineConfig } } })
  .import(file, { default: true })
  .then((value) => tell({ value: copy(value, new Map()) }))
  .catch((error) => tell({ message: String(error?.message ?? error), stack: String(error?.stack ?? '') }));
`;

/** Things of the same kinds in place of the marks: copyData says what they are. */
function restore(value: unknown, seen: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  const kind = (value as Record<string, unknown>)[MARK];
  if (typeof kind === 'string') return restoreKind(kind);
  seen.set(value, value);
  for (const [key, each] of Object.entries(value)) {
    const restored = restore(each, seen);
    if (restored !== each) Object.defineProperty(value, key, { value: restored, enumerable: true });
  }
  return value;
}

function restoreKind(kind: string): unknown {
  if (kind === 'function') return () => undefined;
  if (kind === 'symbol') return Symbol(kind);
  if (kind === 'bigint') return BigInt(0);
  if (kind === 'promise') return Promise.resolve();
  return {
    get [Symbol.toStringTag]() {
      return kind;
    },
  };
}
