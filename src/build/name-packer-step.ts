import { type PackerMessage, stripUiPrefix } from '../packer/parse-machine-readable.js';

/** What packer says when it runs a script on this machine, which is where it waits for the scan. */
export const LOCAL_SCRIPT = /^Running local shell script: /;

/** Step that is packer's way out; a failure is never its own but of what came before. */
export const CLEAN_UP_STEP = 'clean up';

/**
 * Returns a function that names the step which a line of packer's output begins; undefined when it begins none.
 * Packer calls inline scripts by random file names, so scripts are told apart by their order: `titles` has the step of
 * each script that the template runs. Only level `say` counts: scripts on the instance print at `message` and `error`,
 * and could say anything.
 */
export function createPackerStepNamer(titles: readonly string[]): (message: PackerMessage) => string | undefined {
  const names = numberRepeats(titles);
  let scripts = 0;
  return (message) => {
    if (message.kind !== 'ui' || message.level !== 'say') {
      return undefined;
    }
    const text = stripUiPrefix(message.text).trim();
    if (!text.startsWith('Provisioning with shell script: ')) {
      return PHASES.find(({ pattern }) => pattern.test(text))?.step;
    }
    scripts += 1;
    return names[scripts - 1] ?? `script ${scripts}`;
  };
}

const PHASES: readonly { readonly pattern: RegExp; readonly step: string }[] = [
  { pattern: /^(Creating temporary|Launching a source AWS instance)/, step: 'launch instance' },
  { pattern: /^(Using \w+ communicator to connect|Waiting for SSH)/, step: 'connect' },
  { pattern: LOCAL_SCRIPT, step: 'scan instance' },
  { pattern: /^Stopping the source instance/, step: 'stop instance' },
  { pattern: /^Creating (unencrypted )?AMI /, step: 'create image' },
  { pattern: /^(Terminating the source AWS instance|Provisioning step had errors)/, step: CLEAN_UP_STEP },
];

// Two steps of one title would look like one that goes on, unless they share it because they belong together.
function numberRepeats(titles: readonly string[]): readonly string[] {
  return titles.map((title, index) => {
    const isContinued = titles[index - 1] === title && title === 'upload';
    const before = titles.slice(0, index).filter((each) => each === title).length;
    return before === 0 || isContinued ? title : `${title} (${before + 1})`;
  });
}
