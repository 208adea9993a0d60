import { basename } from 'node:path';
import { getPayloadName } from '../payload-name.js';
import type { Provisioner, ProvisionerContext, ProvisionerPlan } from '../types.js';

/** What provisioners/shell/provisioner.yaml lets through. */
interface ShellOptions {
  readonly script?: string;
  readonly inline?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly runAs?: 'root' | 'login-user';
  readonly title?: string;
}

/** Runs a script of the user's, or lines of bash from the config. */
export const shell: Provisioner = {
  name: 'shell',
  summary: 'Runs a script of yours, or a few lines of bash, on the build instance.',
  position: 'anywhere',
  planSteps: (options, context) => planShell(options, context),
};

function planShell(options: ShellOptions, { index }: ProvisionerContext): ProvisionerPlan {
  const { script, inline = [], environment = {}, runAs = 'root' } = options;
  const name = script === undefined ? 'inline.sh' : basename(script);
  const path = `scripts/${getPayloadName(index, name)}`;
  const title = options.title ?? (script === undefined ? 'shell' : name);
  return {
    steps: [{ kind: 'script', title, path, environment, runAs, origin: 'user' }],
    files: new Map(script === undefined ? [] : [[path, script]]),
    texts: new Map(script === undefined ? [[path, writeInlineScript(inline)]] : []),
  };
}

function writeInlineScript(lines: readonly string[]): string {
  return ['#!/usr/bin/env bash', 'set -euo pipefail', ...lines, ''].join('\n');
}
