// What the SSM agent does with a command, by the agent that QEMU has in the guest.
import type { GuestRun } from '../machine/guest-agent.js';
import type { CommandRecord } from '../world/records.js';
import type { SandboxServices } from '../world/services.js';

// GetCommandInvocation: the first 24,000 characters of the output, and the first 8,000 of the errors.
const MAX_STDOUT = 24_000;
const MAX_STDERR = 8_000;
const DEFAULT_EXECUTION_TIMEOUT_S = 3600;
/** A script that exits so asks for a reboot, and is run again after it. */
const REBOOT_EXIT_CODE = 194;
const REBOOT_LIMIT_MS = 600_000;
const REBOOT_POLL_MS = 1000;

/** Runs a command that has just been recorded. */
export function startCommandJob(services: SandboxServices, record: CommandRecord): void {
  const cancelling = new AbortController();
  services.commands.set(record.id, cancelling);
  services.runJob(`command ${record.id}`, async () => {
    try {
      await runCommand(services, record, AbortSignal.any([cancelling.signal, services.signal]));
    } finally {
      services.commands.delete(record.id);
    }
  });
}

/** Ends a command that runs; one that has ended stays as it is. */
export function cancelCommandJob({ commands }: SandboxServices, { id }: CommandRecord): void {
  commands.get(id)?.abort();
}

/** Commands that an earlier process of the sandbox left open: their outcome is not known any more. */
export function closeLostCommands({ world, clock }: SandboxServices): void {
  for (const { id, status } of world.commands.list()) {
    if (status !== 'Pending' && status !== 'InProgress') continue;
    world.commands.update(id, { status: 'Failed', statusDetails: 'Terminated', endedAt: clock.now().toISOString() });
  }
}

async function runCommand(services: SandboxServices, record: CommandRecord, signal: AbortSignal): Promise<void> {
  const { world, clock, driver } = services;
  world.commands.update(record.id, {
    status: 'InProgress',
    statusDetails: 'InProgress',
    startedAt: clock.now().toISOString(),
  });
  for (;;) {
    const run = await driver.runInGuest(record.instanceId, describeScript(record, signal)).catch(describeLoss);
    const isReboot = run.kind === 'exited' && run.exitCode === REBOOT_EXIT_CODE;
    if (isReboot && (await rebootGuest(services, record.instanceId, signal))) continue;
    world.commands.update(record.id, { ...summarise(run), endedAt: clock.now().toISOString() });
    await world.commit();
    return;
  }
}

function describeScript({ commandId, instanceId, parameters }: CommandRecord, signal: AbortSignal) {
  const [workingDirectory] = parameters['workingDirectory'] ?? [];
  const seconds = Number(parameters['executionTimeout']?.[0] ?? DEFAULT_EXECUTION_TIMEOUT_S);
  const place = `${instanceId}/document/orchestration/${commandId}/awsrunShellScript/0.awsrunShellScript`;
  return {
    script: `${(parameters['commands'] ?? []).join('\n')}\n`,
    folder: `/var/lib/amazon/ssm/${place}`,
    timeoutMs: seconds * 1000,
    signal,
    ...(workingDirectory === undefined || workingDirectory === '' ? {} : { workingDirectory }),
  };
}

/** True when the agent is there again. */
async function rebootGuest({ driver, clock }: SandboxServices, id: string, signal: AbortSignal): Promise<boolean> {
  await driver.reboot(id);
  const deadline = clock.now().getTime() + REBOOT_LIMIT_MS;
  while (!signal.aborted && clock.now().getTime() < deadline) {
    if (await driver.pingGuest(id)) return true;
    await clock.wait(REBOOT_POLL_MS, signal);
  }
  return false;
}

function describeLoss(error: unknown): GuestRun {
  return { kind: 'lost', reason: error instanceof Error ? error.message : String(error) };
}

function summarise(run: GuestRun): Partial<CommandRecord> {
  switch (run.kind) {
    case 'exited':
      return {
        status: run.exitCode === 0 ? 'Success' : 'Failed',
        statusDetails: run.exitCode === 0 ? 'Success' : 'Failed',
        exitCode: run.exitCode,
        stdout: run.stdout.toString('utf8').slice(0, MAX_STDOUT),
        stderr: run.stderr.toString('utf8').slice(0, MAX_STDERR),
      };
    case 'timed-out':
      return { status: 'TimedOut', statusDetails: 'Execution Timed Out' };
    case 'cancelled':
      return { status: 'Cancelled', statusDetails: 'Cancelled' };
    case 'lost':
      return { status: 'Failed', statusDetails: 'Terminated', stderr: run.reason };
  }
}
