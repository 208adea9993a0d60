// The way into an environment's instance: the system's ssh with the environment's key, as the user that Packer logged in
// as. Scripts and files travel on stdin, so that no value is ever part of a command line.

import { join } from 'node:path';
import { execa } from 'execa';
import { NOTHING_FORWARDED } from '../../lib/ssh-forwardings.js';
import type { EnvironmentRecord } from '../world/service-records.js';
import type { SandboxServices } from '../world/services.js';

export interface Guest {
  /** Runs a fixed command as root; `input` is its stdin. */
  run(command: string, input: GuestInput, limitMs?: number): Promise<GuestResult>;
}

export type GuestInput = { readonly text: string } | { readonly file: string };

export interface GuestResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const DEFAULT_LIMIT_MS = 5 * 60_000;
// sshd answers before cloud-init has put the key of the instance into place.
const LOGIN_ATTEMPTS = 20;
const LOGIN_PAUSE_MS = 3_000;
/** What ssh itself ends with; a command of ours never does. */
const SSH_FAILED = 255;

/** @throws Error when the environment has no running instance */
export function openGuest(services: SandboxServices, environment: EnvironmentRecord): Guest {
  const instance = services.world.instances.find(environment.instanceId ?? '');
  if (instance?.state !== 'running') throw new Error(`Environment ${environment.name} has no running instance.`);
  const user = services.world.platformVersions.find(environment.platformArn)?.loginUser ?? 'ec2-user';
  const options = {
    BatchMode: 'yes',
    IdentitiesOnly: 'yes',
    // Every launch has new host keys at an address that others had before.
    StrictHostKeyChecking: 'no',
    UserKnownHostsFile: '/dev/null',
    LogLevel: 'ERROR',
    ConnectTimeout: '30',
    ServerAliveInterval: '15',
  };
  const words = [
    '-F',
    'none',
    ...NOTHING_FORWARDED.flatMap((option) => ['-o', option]),
    ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    '-i',
    join(services.paths.keysDir, `${environment.id}.key`),
    '-p',
    String(services.network.sshPort),
    `${user}@${instance.publicIp}`,
  ];

  async function attempt(command: string, input: GuestInput, limitMs: number): Promise<GuestResult> {
    const result = await execa('ssh', [...words, user === 'root' ? command : `sudo -n ${command}`], {
      ...('text' in input ? { input: input.text } : { inputFile: input.file }),
      reject: false,
      timeout: limitMs,
      cancelSignal: services.signal,
      stripFinalNewline: false,
    });
    services.signal.throwIfAborted();
    if (result.timedOut) throw new Error(`No end within ${limitMs / 1000} s on ${instance?.id}.`);
    return { exitCode: result.exitCode ?? SSH_FAILED, stdout: result.stdout, stderr: result.stderr };
  }

  return {
    async run(command, input, limitMs = DEFAULT_LIMIT_MS) {
      for (let left = LOGIN_ATTEMPTS; ; left -= 1) {
        const result = await attempt(command, input, limitMs);
        if (result.exitCode !== SSH_FAILED) return result;
        const isRetried = left > 1 && /Permission denied|refused|closed|reset|banner/i.test(result.stderr);
        if (!isRetried) throw new Error(`Instance ${instance.id} cannot be logged in to: ${result.stderr.trim()}`);
        await services.clock.wait(LOGIN_PAUSE_MS, services.signal);
      }
    },
  };
}

/** Runs a script as root that has to succeed. */
export async function runScript(guest: Guest, script: string, limitMs?: number): Promise<string> {
  const { exitCode, stdout, stderr } = await guest.run('sh -s', { text: script }, limitMs);
  if (exitCode === 0) return stdout;
  throw new Error(`A script of the sandbox failed on the instance with ${exitCode}: ${stderr.trim()}`);
}

/** A text as one word for sh. */
export function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
