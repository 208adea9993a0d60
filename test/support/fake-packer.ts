import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MARKER_VARIABLE } from '../../src/render/packer/step-markers.js';

export interface FakePackerScript {
  /** What `packer version` prints; default `Packer v1.6.6`. */
  readonly version?: string;
  /** What `packer plugins installed` prints. */
  readonly plugins?: string;
  /** Machine-readable lines of `packer build`, without their timestamp; `<secret>` is what its environment holds. */
  readonly lines?: readonly string[];
  /** Archive that it fetches from the instance before it waits for buildimg's verdict; refused, it ends with 1. */
  readonly collected?: string;
  /** Lines after that. */
  readonly afterGate?: readonly string[];
  /** Exit code of `packer build`; default 0. */
  readonly exitCode?: number;
  /** After its lines, `build` waits to be interrupted. `deaf`: it ignores SIGINT and SIGTERM as well. */
  readonly waits?: 'polite' | 'deaf';
  /** Lines that a polite one prints when it is interrupted. */
  readonly farewell?: readonly string[];
}

/**
 * Writes a program called packer that says what a recorded packer said. It keeps its arguments, its environment and the
 * signals it got in files beside it: `arguments`, `environment`, `signals`; of a file of variables its text and its mode in
 * `variables` and `variables-mode`.
 */
export function writeFakePacker(folder: string, script: FakePackerScript = {}): string {
  const path = join(folder, 'packer');
  const say = (lines: readonly string[] = []) =>
    lines
      .map((line) => `  echo ${quote(`1795338104,${line}`).replaceAll('<secret>', `'"$${MARKER_VARIABLE}"'`)}`)
      .join('\n');
  writeFileSync(
    path,
    `#!/bin/bash
here=${quote(folder)}
case $1 in
version) echo ${quote(script.version ?? 'Packer v1.6.6')} ;;
plugins) echo ${quote(script.plugins ?? '')} ;;
validate) ;;
build)
  echo "$@" >"$here/arguments"
  env >"$here/environment"
  for word in "$@"; do case $word in -var-file=*)
    stat -c %a "\${word#*=}" >"$here/variables-mode"
    cp "\${word#*=}" "$here/variables" ;;
  esac; done
${waiting(script, say(script.farewell))}
${say(script.lines)}
${gate(script, say)}
${script.waits === undefined ? '' : '  while true; do sleep 0.05; done'}
  exit ${script.exitCode ?? 0}
  ;;
esac
`,
  );
  chmodSync(path, 0o755);
  return path;
}

function waiting({ waits }: FakePackerScript, farewell: string): string {
  if (waits === 'deaf') {
    return `  trap 'echo INT >>"$here/signals"' INT\n  trap 'echo TERM >>"$here/signals"' TERM`;
  }
  return `  leave() {\n    echo INT >>"$here/signals"\n  ${farewell === '' ? ':' : farewell}\n    exit 1\n  }\n  trap leave INT`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function gate({ collected, afterGate }: FakePackerScript, say: (lines?: readonly string[]) => string): string {
  if (collected === undefined) return '';
  return `  cp ${quote(collected)} collected.tar.gz
  # The last two are for the step that seals and for the end.
  steps=$(grep -o '${MARKER_VARIABLE} [0-9]*' template.json | wc -l)
  for step in $(seq $((steps - 2))); do
    echo "1795338104,,ui,message,    ami: $${MARKER_VARIABLE} $step"
  done
  for _ in $(seq 1000); do [ -e scan-verdict ] || sleep 0.05; done
  cp scan-verdict "$here/verdict"
  if ! grep -qx passes scan-verdict; then
${say([',ui,say,==> ami: Provisioning step had errors: Running the cleanup provisioner', 'ami,error,Script exited with non-zero exit status: 1'])}
    exit 1
  fi
${say(afterGate)}`;
}
