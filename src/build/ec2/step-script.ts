// A step runs as a unit of its own on the instance, with its output in a file: a lost reply, an agent that is updated by the
// step itself, or a buildimg that was killed do not end it, and asking again tells how far it is.
import type { ProvisionStep } from '../../plan/image-plan.js';
import type { InstanceShell } from '../../plugins/types.js';
import { getInstallEnvironment } from '../../render/install-environment.js';
import { UPLOAD_DIR } from '../../render/packer/provisioners.js';
import { quoteShell } from '../../render/quote.js';

/** A tmpfs: nothing of it gets into the image, and nothing of it outlives a reboot. */
export const CONTROL_DIR = '/run/buildimg-build';

export interface StepRun {
  /** Position in the plan, from 0. */
  readonly index: number;
  /** How many times the step was begun before; it begins again after a reboot that it asked for. */
  readonly round: number;
  readonly step: ProvisionStep;
  readonly loginUser: string;
}

/** What the poll of a step answered. */
export interface StepProgress {
  /** Undefined while it runs. */
  readonly exitCode?: number;
  /** Output from the asked offset on, at most 16,000 bytes. */
  readonly output: Buffer;
}

const MAX_OUTPUT_BYTES = 16_000;

/** What is asked of a step. */
export interface StepQuestion {
  /** Bytes of its output that are known. */
  readonly offset: number;
  /** How long to wait for output beyond them, or for its end. */
  readonly waitSeconds: number;
  /** How long to wait for more when there is some. */
  readonly moreSeconds: number;
}

/** Starts the step unless it has been started, then waits for an answer to the question. */
export function renderStepScript(run: StepRun, { offset, waitSeconds, moreSeconds }: StepQuestion): string {
  const folder = `${CONTROL_DIR}/step-${run.index}-${run.round}`;
  return `set -eu
umask 077
d=${folder}
if [ ! -e "$d/started" ]; then
mkdir -p "$d"
cat >"$d/run.sh" <<'${END_OF_STEP}'
${renderRunner(run)}
${END_OF_STEP}
: >"$d/out"
mkfifo "$d/ended"
: >"$d/started"
systemd-run --quiet --collect --unit=buildimg-step-${run.index}-${run.round} /bin/sh -c \
  'bash "$1/run.sh" >"$1/out" 2>&1 </dev/null; echo $? >"$1/exit.part"; mv "$1/exit.part" "$1/exit"; echo 1<>"$1/ended"' step "$d"
fi
exec bash -c '${ANSWER}' answer "$d" ${offset} ${waitSeconds} ${moreSeconds}
`;
}

/** With as few processes as can be, and none for a look: on a small instance they slow the step down. */
const ANSWER = `exec 3<>"$1/ended" 4<"$1/out"
if [ "$2" -gt 0 ]; then head -c "$2" <&4 >/dev/null; fi
end=$3 seen=
until [ -e "$1/exit" ] || [ "$SECONDS" -ge "$end" ]; do
  if [ -z "$seen" ] && IFS= read -r -N 1 -u 4 _; then seen=yes end=$((SECONDS + $4)); fi
  read -r -t 0.25 -u 3 _ || :
done
if [ -e "$1/exit" ]; then read -r code <"$1/exit"; else code=running; fi
echo "$code"
tail -c +$(($2 + 1)) "$1/out" | head -c ${MAX_OUTPUT_BYTES} | base64 -w 0`;

/** No value of a config can end the here-document: the runner's values are all on lines that begin otherwise. */
const END_OF_STEP = 'BUILDIMG_END_OF_STEP';

/** Whether the step has been started since the instance booted. */
export async function isStepStarted(shell: InstanceShell, index: number): Promise<boolean> {
  const text = `for file in ${CONTROL_DIR}/step-${index}-*/started; do if [ -e "$file" ]; then echo yes; fi; done\n`;
  const answer = await shell.run({ what: 'say how far it is', text, limitSeconds: 60 });
  return answer.includes('yes');
}

/** Throws for an answer that is none. */
export function readStepProgress(answer: string): StepProgress {
  const [state = '', data = ''] = answer.split('\n');
  if (!/^(?:running|\d{1,3})$/.test(state)) throw new Error(`An answer of a step begins with ${JSON.stringify(state)}`);
  const output = Buffer.from(data, 'base64');
  // Output that is not yet told comes first, the exit code with the last of it.
  return state === 'running' || output.length === MAX_OUTPUT_BYTES ? { output } : { output, exitCode: Number(state) };
}

function renderRunner({ step, loginUser }: StepRun): string {
  const { prepare = [], command, environment, runAs } = toCommand(step);
  const exports = Object.entries(environment).map(([name, value]) => `export ${name}=${quoteLines(value)}`);
  const home = runAs === 'root' ? '/root' : `~${loginUser}`;
  const prefix = runAs === 'root' ? '' : `runuser -u ${quoteShell(loginUser)} -- `;
  return [...exports, `export HOME=$(eval echo ${home})`, 'cd "$HOME"', ...prepare, `exec ${prefix}${command}`].join(
    '\n',
  );
}

/** Newlines by `$'\n'`, so that a value is one line and can't look like the end of the here-document. */
function quoteLines(value: string): string {
  return value.split('\n').map(quoteShell).join("$'\\n'");
}

interface StepCommand {
  /** Lines that root does before. */
  readonly prepare?: readonly string[];
  readonly command: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly runAs: 'root' | 'login-user';
}

function toCommand(step: ProvisionStep): StepCommand {
  if (step.kind === 'upload') {
    return {
      command: `bash ${UPLOAD_DIR}/${step.installer}`,
      environment: getInstallEnvironment(step, `${UPLOAD_DIR}/${step.path}`),
      runAs: 'root',
    };
  }
  const path = quoteLines(`${UPLOAD_DIR}/${step.path}`);
  const { environment, runAs } = step;
  if (step.origin === 'provisioner') return { command: `bash ${path}`, environment, runAs };
  // By its own shebang and whatever its mode in the checkout, as packer runs it.
  return { prepare: [`chmod 0755 ${path}`], command: path, environment, runAs };
}
