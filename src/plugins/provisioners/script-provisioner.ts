// Every provisioner that is a folder of shell is driven by this one file: its options become environment variables, and
// its bundle runs its apply.sh, which ends by running its verify.sh: one SSH session instead of two.
import { getBundlePath } from '../payload-name.js';
import type { Provisioner, ProvisionerPosition } from '../types.js';

/** The head of a provisioner.yaml. */
export interface ScriptManifest {
  readonly name: string;
  readonly summary: string;
  readonly position: ProvisionerPosition;
}

/** The provisioner that runs provisioners/NAME/apply.sh as root, out of its bundle. */
export function createScriptProvisioner({ name, summary, position }: ScriptManifest): Provisioner {
  const bundle = getBundlePath(name);
  return {
    name,
    summary,
    position,
    planSteps: (options) => ({
      steps: [
        {
          kind: 'script',
          title: name,
          path: bundle,
          environment: formatEnvironment(options),
          runAs: 'root',
          origin: 'provisioner',
        },
      ],
      files: new Map(),
      bundle,
    }),
  };
}

/** `installRecommends: true` → `BUILDIMG_INSTALL_RECOMMENDS=true`; lists are one item a line, maps KEY=VALUE lines. */
export function formatEnvironment(options: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([key, value]) => [getVariableName(key), formatValue(value)]));
}

function getVariableName(option: string): string {
  const snake = option.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll('-', '_');
  return `BUILDIMG_${snake.toUpperCase()}`;
}

function formatValue(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join('\n');
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([key, each]) => `${key}=${String(each)}`)
      .join('\n');
  }
  return String(value);
}
