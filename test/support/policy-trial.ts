// Builds on a sandbox that lets through only what a policy allows.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  IAMClient,
} from '@aws-sdk/client-iam';
import type { ResolvedImage } from '../../src/config/resolved-config.js';
import type { PolicyDocument } from '../../src/iam/policy-document.js';
import { sandboxEnvironment } from '../../src/sandbox/environment.js';
import type { Fault } from '../../src/sandbox/world/faults.js';
import { clientOptions } from './a-sandbox.js';
import { type Ec2Builds, startEc2Builds } from './an-ec2-build.js';
import { createFakeInstanceDriver } from './fake-instance-driver.js';
import { writeGuestlessPacker } from './packer-without-a-guest.js';
import { serveCollected } from './serve-collected.js';

export interface TrialOptions {
  readonly policies: readonly PolicyDocument[];
  readonly image: ResolvedImage;
  /** qcow2 that captures yield. */
  readonly disk: string;
}

export interface TrialResult {
  /** `ec2:RunInstances` …, as they were called. */
  readonly calls: ReadonlySet<string>;
  /** Lines of the sandbox's log about what it did not allow; the trial ends with the first. */
  readonly refusals: readonly string[];
  readonly outcomes: readonly string[];
  /** Sids of what no call needed. */
  readonly idle: readonly string[];
}

/** A role of the same name, as the policy takes for granted. */
const PROFILE = 'builder';
const CAPTURE_FAILS: Fault = { action: 'sandbox:capture', effect: { kind: 'error', code: 'x', message: 'no disk' } };

/** A build with a reboot that goes well, and one whose image fails and is removed. */
export async function tryPolicy({ policies, image, disk }: TrialOptions): Promise<TrialResult> {
  const folder = mkdtempSync(join(tmpdir(), 'policy-trial-'));
  const stop = new AbortController();
  const lines: string[] = [];
  const test = await startEc2Builds({
    stateDir: join(folder, 'sandbox'),
    driver: createFakeInstanceDriver({ capturedDisk: disk }),
    log(line) {
      lines.push(line);
      if (isRefusal(line)) stop.abort();
    },
  });
  await addProfile(test);
  serveCollected(test, {});
  lines.length = 0;
  test.sandbox.loadPolicy(policies);
  const request = {
    packer: writeGuestlessPacker(folder),
    childEnvironment: {
      ...sandboxEnvironment(test.sandbox),
      PATH: process.env['PATH'],
      HOME: folder,
      AWS_POLL_DELAY_SECONDS: '1',
    },
    sshSourceCidr: '127.0.0.1/32',
    interruption: { signal: stop.signal, killSignal: stop.signal },
  };
  const outcomes: string[] = [];
  for (const fault of [undefined, CAPTURE_FAILS]) {
    test.sandbox.loadFaults({ faults: fault === undefined ? [] : [fault] });
    test.steps.set('seal', { exitCodes: [194, 0] });
    const { builder, ...changes } = image;
    const named = { ...builder, iamInstanceProfile: PROFILE };
    const ended = test.build({ ...changes, builder: named }, { ...request, force: fault !== undefined });
    outcomes.push(
      await ended.then(
        ({ outcome }) => outcome,
        (error: unknown) => String(error),
      ),
    );
    if (stop.signal.aborted) break;
  }
  const idle = test.sandbox.listIdleStatements();
  await test.close();
  rmSync(folder, { recursive: true, force: true });
  return { calls: listCalls(lines), refusals: lines.filter(isRefusal), outcomes, idle };
}

export function isRefusal(line: string): boolean {
  return /\b(?:UnauthorizedOperation|AccessDenied(?:Exception)?)\b/.test(line);
}

/** Actions of the sandbox's log, whatever became of them. */
export function listCalls(log: readonly string[]): ReadonlySet<string> {
  return new Set(log.flatMap((line) => / ([a-z0-9]+:[A-Z]\w+) /.exec(line)?.[1] ?? []));
}

async function addProfile({ sandbox }: Ec2Builds): Promise<void> {
  const iam = new IAMClient(clientOptions(sandbox, 'us-east-1'));
  const trust = JSON.stringify({ Statement: [] });
  await iam.send(new CreateRoleCommand({ RoleName: PROFILE, AssumeRolePolicyDocument: trust }));
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: PROFILE }));
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: PROFILE, RoleName: PROFILE }));
  iam.destroy();
}
