import type { Guest } from './guest.js';

/** A hook that ended with something else than 0. */
export class HookFailure extends Error {
  override readonly name = 'HookFailure';

  constructor(
    readonly hook: string,
    readonly status: number,
    readonly stderr: string,
  ) {
    super(`Hook ${hook} failed with ${status}: ${stderr}`);
  }
}

// aws:elasticbeanstalk:command Timeout is 600 s by default and at most 3600 s; emulated machines are slow.
const COMMAND_LIMIT_MS = 3600_000;
const FAILED = 90;

/**
 * Runs the hooks of some folders below /opt/elasticbeanstalk/hooks as root, sorted by name. What they say goes to
 * /var/log/eb-activity.log on the instance.
 *
 * @throws HookFailure with the end of what the hook wrote to stderr
 */
export async function runHooks(guest: Guest, folders: readonly string[]): Promise<void> {
  const script = renderRunner(folders);
  const { exitCode, stdout, stderr } = await guest.run('sh -s', { text: script }, COMMAND_LIMIT_MS);
  if (exitCode === 0) return;
  const [, hook, status, output = ''] = /^([^\n]*)\n(\d+)\n([\s\S]*)$/.exec(stdout) ?? [];
  if (exitCode !== FAILED || hook === undefined) {
    throw new Error(`The hooks could not be run: ${stderr.trim() || `exit code ${exitCode}`}`);
  }
  throw new HookFailure(hook, Number(status), output.trim());
}

// Folders are our own names, so they need no quotes. Hooks get no stdin: it is the rest of this script.
function renderRunner(folders: readonly string[]): string {
  return `set -u
umask 022
LC_ALL=C
log=/var/log/eb-activity.log
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
note() { echo "[$(date -u +%Y-%m-%dT%H:%M:%SZ)] INFO  [$$] - [$1] : $2" >>"$log"; }
for folder in ${folders.join(' ')}; do
  for hook in /opt/elasticbeanstalk/hooks/$folder/*; do
    [ -f "$hook" ] || continue
    note "$hook" 'Starting activity...'
    "$hook" </dev/null >>"$log" 2>"$errors" && status=0 || status=$?
    cat "$errors" >>"$log"
    if [ "$status" -ne 0 ]; then
      note "$hook" "Activity failed with $status."
      printf '%s\\n%s\\n' "$hook" "$status"
      tail -c 4000 "$errors"
      exit ${FAILED}
    fi
    note "$hook" 'Completed activity.'
  done
done
`;
}
