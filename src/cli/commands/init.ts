import { constants } from 'node:fs';
import { access, chmod, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createError, ExitCode } from '../../errors.js';
import type { CliContext } from '../cli-context.js';

/** Writes a config that builds as it stands, and the script that it names. Never overwrites. */
export async function init(directory: string, cli: CliContext): Promise<ExitCode> {
  const folder = resolve(cli.currentDirectory, directory);
  const files = FILES.map((file) => ({ ...file, path: join(folder, file.name) }));
  for (const name of [...FILES.map((file) => file.name), 'buildimg.yml', 'buildimg.json', 'buildimg.ts']) {
    await assertAbsent(join(folder, name));
  }
  for (const { path, text, mode } of files) {
    await mkdir(join(path, '..'), { recursive: true });
    // `wx`: whoever was faster keeps his file.
    await writeFile(path, text, { flag: 'wx', mode });
    await chmod(path, mode);
    cli.output.answer(path);
  }
  cli.output.progress('Next: buildimg validate, then buildimg build --sandbox');
  return ExitCode.done;
}

async function assertAbsent(path: string): Promise<void> {
  try {
    await access(path, constants.F_OK);
  } catch {
    return;
  }
  throw createError('INIT_FILE_EXISTS', [path]);
}

const CONFIG = `# What each key means: buildimg schema
version: 1
images:
  web:
    version: 0.1.0
    region: us-east-1
    source:
      os: debian-12
    builder:
      type: packer
      instanceType: t3.small
    provisioners:
      - update
      - shell:
          script: scripts/install.sh
      - harden
      - seal
`;

const SCRIPT = `#!/usr/bin/env bash
# Runs on the build instance as root. What it installs is in the image.
set -euo pipefail

echo 'built by buildimg' >/etc/issue.buildimg
`;

const FILES = [
  { name: 'buildimg.yaml', text: CONFIG, mode: 0o644 },
  { name: 'scripts/install.sh', text: SCRIPT, mode: 0o755 },
] as const;
