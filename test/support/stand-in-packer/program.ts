// node PROGRAM SCRIPT version|plugins|validate|build …: see write-stand-in.ts. Lines go out as packer's do, each with its time;
// and who is not heard any more ends, as a program of Go does by SIGPIPE.
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { EFFECTS, type EffectScope } from './effects.js';
import { readTemplate, type StandInProvisioner } from './template.js';
import { readTranscript, type Transcript } from './transcript.js';
import type { StandInScript } from './write-stand-in.js';

const [, , scriptFile = '', command, ...words] = process.argv;
const script = JSON.parse(readFileSync(scriptFile, 'utf8')) as StandInScript;
const isModern = !script.version.startsWith('1.6.');
const CANCELLED = 'Build was cancelled.';
let isCancelled = false;

process.stdout.on('error', () => process.kill(process.pid, 'SIGKILL'));
if (command === 'version') process.stdout.write(`Packer v${script.version}\n`);
if (command === 'plugins') process.stdout.write('/plugins/github.com/hashicorp/amazon/packer-plugin-amazon_v1.8.2\n');
if (command === 'build') process.exitCode = await build();

async function build(): Promise<number> {
  writeFileSync(`${scriptFile}.pid`, String(process.pid));
  // The second of them would end it at once; SIGHUP ends it at the first.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, cancel);
  const { builder, provisioners } = readTemplate(words);
  const transcript = readTranscript(script.transcript);
  const ec2 = new EC2Client({ region: builder.region });
  const scope: EffectScope = { ec2, builder, isModern, assertGoingOn, names: new Map(), made: {} };
  const failure = await make(transcript, provisioners, scope).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure === undefined) {
    await replay(transcript.cleanup, scope);
    return 0;
  }
  return await giveUp(failure, transcript, scope);
}

function cancel(signal: NodeJS.Signals): void {
  isCancelled = true;
  say(`Cancelling build after receiving ${signal === 'SIGINT' ? 'interrupt' : 'terminated'}`);
}

function assertGoingOn(): void {
  if (isCancelled) throw new Error(CANCELLED);
}

async function make(
  { launch, script: printed, isFailure, capture }: Transcript,
  provisioners: readonly StandInProvisioner[],
  scope: EffectScope,
): Promise<void> {
  await replay(launch, scope);
  let isScriptRun = false;
  for (const provisioner of provisioners) {
    assertGoingOn();
    const output = isScriptRun ? [] : printed;
    const isScript = provision(provisioner, output, isFailure && !isScriptRun);
    isScriptRun ||= isScript;
  }
  await replay(capture, scope);
}

/** True when it was the script that the transcript is about: the first that is not packer's own preparation. */
function provision(provisioner: StandInProvisioner, printed: readonly string[], fails: boolean): boolean {
  const { type, direction, source = '', destination = '', scripts, inline = [] } = provisioner;
  if (type === 'shell-local') {
    tell('Running local shell script: /tmp/packer-shell42');
    runHere(inline);
    return false;
  }
  if (type === 'file' && direction === 'download') {
    tell(`Downloading ${source} => ${destination}`);
    if (script.collected !== undefined) copyFileSync(script.collected, destination);
    return false;
  }
  if (type === 'file') {
    tell(`Uploading provisioners => ${destination}`);
    return false;
  }
  tell(`Provisioning with shell script: ${scripts?.[0] ?? '/tmp/packer-shell42'}`);
  if (scripts === undefined && inline.some((line) => line.includes('mkdir '))) return false;
  for (const line of printed) print(line);
  if (printed.length > 0) for (const line of script.says) output(line);
  if (fails) throw new Error('Script exited with non-zero exit status: 7. Allowed exit codes are: [0]');
  return true;
}

function runHere(inline: readonly string[]): void {
  const { status, stdout } = spawnSync('/bin/sh', ['-ec', inline.join('\n')], { encoding: 'utf8' });
  for (const line of stdout.split('\n').filter((each) => each !== '')) output(line);
  if (status !== 0) throw new Error(`Script exited with non-zero exit status: ${status}. Allowed exit codes are: [0]`);
}

/** Packer removes what it made, but for an image that is pending, and says why it failed. */
async function giveUp(failure: unknown, { cleanup }: Transcript, scope: EffectScope): Promise<number> {
  const reason = failure instanceof Error ? failure.message : String(failure);
  const end = cleanup.findIndex((line) => line.includes('Build '));
  if (!isCancelled) tell('Provisioning step had errors: Running the cleanup provisioner%!(PACKER_COMMA) if present...');
  await replay(cleanup.slice(0, end), scope);
  print(`,ui,error,Build 'amazon-ebs.web' errored after 1 second: ${escape(reason)}`);
  if (isCancelled) say('Cleanly cancelled builds after being interrupted.');
  else print(`amazon-ebs.web,error,${escape(reason)}`);
  return 1;
}

async function replay(lines: readonly string[], scope: EffectScope): Promise<void> {
  for (const line of lines) {
    const effect = EFFECTS.find(({ pattern }) => pattern.test(line));
    const spoken = effect?.pattern.exec(line)?.[1];
    if (effect?.name !== undefined && spoken !== undefined) scope.names.set(spoken, effect.name(scope));
    print([...scope.names].reduce((text, [old, name]) => text.replaceAll(old, name), line));
    await effect?.act?.(scope);
  }
}

/** One of packer's own sentences about the build. */
function tell(text: string): void {
  say(`==> ${isModern ? 'amazon-ebs.' : ''}web: ${text}`);
}

/** A line of a script, on stdout: from 1.13 on nothing tells it from packer's own. */
function output(text: string): void {
  if (isModern) tell(escape(text));
  else print(`,ui,message,    web: ${escape(text)}`);
}

function say(text: string): void {
  print(`,ui,say,${text}`);
}

function escape(text: string): string {
  return text.replaceAll(',', '%!(PACKER_COMMA)');
}

function print(line: string): void {
  process.stdout.write(`${Math.floor(Date.now() / 1000)},${line}\n`);
}
