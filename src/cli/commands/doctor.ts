import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { findStateFolder } from '../../build/run-folder.js';
import { BuildimgError, ExitCode } from '../../errors.js';
import { findPacker } from '../../packer/find-packer.js';
import { findFolderProblem } from '../../private-folder.js';
import { readSandboxStatus } from '../../sandbox/daemon.js';
import { ACCELERATOR_VARIABLE, type AcceleratorFinding, findAccelerator } from '../../sandbox/machine/accelerator.js';
import type { CliContext } from '../cli-context.js';
import { findAcceleratorOptions, findBaseImageCache, findSandboxPaths } from '../sandbox-session.js';
import { VERSION } from '../version.js';

interface Finding {
  readonly what: string;
  readonly state: 'good' | 'missing' | 'note' | 'unsafe';
  readonly detail: string;
}

/** Shows what is there and what is missing, each with what to do. Exit 3 when a build could not be run. */
export async function doctor({ json }: { readonly json?: boolean }, cli: CliContext): Promise<ExitCode> {
  const folders = findFolderStates(cli);
  const packer = await findPackerState(cli);
  const findings: readonly Finding[] = [
    { what: 'buildimg', state: 'good', detail: VERSION },
    { what: 'node', state: 'good', detail: process.version },
    packer,
    findCredentialsState(cli),
    ...(await findSandboxTools(cli)),
    await findAcceleratorState(cli),
    await findSandboxState(cli),
    ...folders,
  ];
  if (json === true) {
    cli.output.answer(JSON.stringify({ findings }, undefined, 2));
  } else {
    for (const { what, state, detail } of findings) {
      cli.output.answer(`${MARKS[state]} ${what.padEnd(20)} ${detail}`);
    }
  }
  return packer.state === 'missing' ? ExitCode.missing : ExitCode.done;
}

const MARKS: Readonly<Record<Finding['state'], string>> = {
  good: 'ok     ',
  missing: 'MISSING',
  note: '-      ',
  unsafe: 'UNSAFE ',
};

async function findPackerState({ environment }: CliContext): Promise<Finding> {
  try {
    const { version, path } = await findPacker({ environment });
    return { what: 'packer', state: 'good', detail: `${version} (${path})` };
  } catch (error) {
    if (!(error instanceof BuildimgError)) {
      throw error;
    }
    return { what: 'packer', state: 'missing', detail: `${error.message}. ${error.hint ?? ''}` };
  }
}

/** Only what the environment says: whether AWS accepts it is for AWS to say. */
function findCredentialsState({ environment }: CliContext): Finding {
  const { AWS_PROFILE: profile, AWS_ACCESS_KEY_ID: key, AWS_WEB_IDENTITY_TOKEN_FILE: web } = environment;
  const source = [
    key !== undefined && 'AWS_ACCESS_KEY_ID',
    profile !== undefined && `AWS_PROFILE=${profile}`,
    web !== undefined && 'a web identity',
  ].find((each) => each !== false);
  return source === undefined
    ? { what: 'AWS credentials', state: 'note', detail: 'none in the environment; the sandbox needs none' }
    : { what: 'AWS credentials', state: 'good', detail: `by ${source}` };
}

/** Whoever can write to one of these decides what a build believes. Looked at before anything closes them. */
function findFolderStates(cli: CliContext): readonly Finding[] {
  const state = findStateFolder(cli.environment);
  const folders = [
    state,
    join(state, 'runs'),
    join(state, 'keys'),
    findSandboxPaths(cli).stateDir,
    findBaseImageCache(cli),
  ];
  return [...new Set(folders)].map((folder): Finding => {
    const problem = findFolderProblem(folder);
    return problem === undefined
      ? { what: 'private folder', state: 'good', detail: folder }
      : { what: 'private folder', state: 'unsafe', detail: `${folder}: ${problem}` };
  });
}

const TOOLS: readonly { readonly program: string; readonly aptPackage: string }[] = [
  { program: 'qemu-system-x86_64', aptPackage: 'qemu-system-x86' },
  { program: 'qemu-img', aptPackage: 'qemu-utils' },
  { program: 'mmdebstrap', aptPackage: 'mmdebstrap' },
  { program: 'sfdisk', aptPackage: 'fdisk' },
  { program: 'mke2fs', aptPackage: 'e2fsprogs' },
  { program: 'openssl', aptPackage: 'openssl' },
  { program: 'ssh', aptPackage: 'openssh-client' },
];

async function findSandboxTools({ environment }: CliContext): Promise<readonly Finding[]> {
  const folders = `${environment['PATH'] ?? ''}${delimiter}/usr/sbin${delimiter}/sbin`.split(delimiter);
  const findings: Finding[] = [];
  for (const { program, aptPackage } of TOOLS) {
    const path = await findIn(folders, program);
    findings.push(
      path === undefined
        ? { what: program, state: 'missing', detail: `the sandbox needs it: apt-get install ${aptPackage}` }
        : { what: program, state: 'good', detail: path },
    );
  }
  return findings;
}

async function findIn(folders: readonly string[], program: string): Promise<string | undefined> {
  for (const folder of folders) {
    const path = join(folder, program);
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    ) {
      return path;
    }
  }
  return undefined;
}

async function findAcceleratorState(cli: CliContext): Promise<Finding> {
  const { machinesDir } = findSandboxPaths(cli);
  try {
    const finding = await findAccelerator({ ...findAcceleratorOptions(cli), stateDir: machinesDir });
    return {
      what: 'acceleration',
      state: finding.accelerator === 'kvm' && finding.basis !== 'untried' ? 'good' : 'note',
      detail: `${describeAccelerator(finding)} ${WAYS[finding.basis]}`.trim(),
    };
  } catch (error) {
    if (!(error instanceof BuildimgError)) throw error;
    const state = error.code === 'SANDBOX_ACCELERATOR_INVALID' ? 'missing' : 'note';
    return { what: 'acceleration', state, detail: `unknown: ${error.message}. ${error.hint ?? ''}`.trim() };
  }
}

function describeAccelerator({ accelerator, why }: AcceleratorFinding): string {
  return accelerator === 'kvm' ? `KVM: ${why}.` : `none, so machines are emulated, about ten times slower: ${why}.`;
}

/** How each kind of answer came about, and what changes it. */
const WAYS: Readonly<Record<AcceleratorFinding['basis'], string>> = {
  chosen: '',
  host: '',
  probe: `Kept until this host boots again; ${ACCELERATOR_VARIABLE}=kvm|tcg decides by hand.`,
  machine: `Kept until this host boots again; ${ACCELERATOR_VARIABLE}=kvm|tcg decides by hand.`,
  untried: 'The first machine tries it, and is started again without when it does not come to life.',
};

async function findSandboxState(cli: CliContext): Promise<Finding> {
  try {
    const status = await readSandboxStatus(findSandboxPaths(cli).stateDir);
    const detail = status.state === 'down' ? 'down' : `up at ${status.info.endpoint}`;
    return { what: 'sandbox', state: 'note', detail };
  } catch (error) {
    if (!(error instanceof BuildimgError)) throw error;
    return { what: 'sandbox', state: 'note', detail: `${error.message}. ${error.hint ?? ''}` };
  }
}
