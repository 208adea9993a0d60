// One process of root's on the instance takes every script of a build, over the one connection. It was started while the login
// user still had sudo: `seal` takes that away, with every key by which somebody could connect anew, and is asked about
// afterwards all the same.
import type { ShortScript } from '../../../plugins/types.js';
import { quoteShell } from '../../../render/quote.js';
import type { ScriptResult } from '../run-script.js';

/** What the worker says first; what a login shell prints before it is skipped. */
export const WORKER_READY = 'buildimg-worker-ready';

/** As much as SSM shows of a command's output. */
const MAX_OUTPUT_BYTES = 24_000;
const MAX_ERROR_BYTES = 8000;

// A request is a line: number, limit in seconds, script in base64. So is an answer: number, exit code, output, errors.
const WORKER = `umask 077
d=$(mktemp -d /run/buildimg-ssh.XXXXXX) || exit 1
trap 'rm -rf "$d"' EXIT
cd "$d" || exit 1
echo ${WORKER_READY}
while read -r n limit text; do
  printf %s "$text" | base64 -d >script
  timeout "$limit" sh ./script >out 2>err </dev/null
  c=$?
  o=$(head -c ${MAX_OUTPUT_BYTES} out | base64 -w 0)
  e=$(head -c ${MAX_ERROR_BYTES} err | base64 -w 0)
  echo "$n $c =$o =$e"
done`;

/** Command by which a login user becomes root and works. */
export function renderWorkerCommand(loginUser: string): string {
  return renderRootCommand(loginUser, WORKER);
}

/** Runs `script` as root; sudo must not ask. */
export function renderRootCommand(loginUser: string, script: string): string {
  return `${loginUser === 'root' ? '' : 'sudo -n '}sh -c ${quoteShell(script)}`;
}

/** The request's line, with its end. */
export function renderRequest(id: number, { text, limitSeconds }: ShortScript): string {
  return `${id} ${limitSeconds} ${Buffer.from(text).toString('base64')}\n`;
}

/** Undefined for a line that is no answer. */
export function readAnswer(line: string): (ScriptResult & { readonly id: number }) | undefined {
  const [, id, code, output = '', errors = ''] = ANSWER.exec(line) ?? [];
  if (id === undefined) return undefined;
  const status = Number(code) === TIMED_OUT ? 'it took too long' : `it ended with exit code ${code}`;
  return { id: Number(id), exitCode: Number(code), status, stdout: decode(output), stderr: decode(errors) };
}

function decode(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}

const ANSWER = /^(\d+) (\d+) =([A-Za-z0-9+/=]*) =([A-Za-z0-9+/=]*)$/;
/** timeout(1) */
const TIMED_OUT = 124;
