// The image is launched before anybody else can. What is launched belongs to the run, whose end removes it in any case.

import { createHash } from 'node:crypto';
import type { LaunchOrder } from '../../aws/ec2-ports.js';
import { RUN_TAG } from '../../aws/ports.js';
import { readConsoleEnd } from '../../aws/read-console-end.js';
import { waitUntil } from '../../aws/wait-until.js';
import { BuildimgError, createError } from '../../errors.js';
import type { PublicationStep } from '../../plan/publication-plan.js';
import { launchOnLadder, type Rung } from '../ec2/launch-ladder.js';
import { runScript } from '../ec2/run-script.js';
import { createCommandRunner } from '../ec2/ssm/run-command.js';
import { renderUserData } from '../ec2/user-data.js';
import { EXPIRES_TAG, formatExpiry } from '../expiry.js';
import type { Run } from '../run.js';
import { untilKnown } from '../until-known.js';
import { homeOf, intend, type PublishScope } from './publish-scope.js';

type BootTestStep = Extract<PublicationStep, { readonly kind: 'boot-test' }>;

/** On an image that has passed. */
const BOOT_TEST_TAG = 'buildimg:boot-test';
const ROLE_TAG = 'buildimg:role';
const LONGEST_DELAY_MS = 3000;
const ENDED = ['shutting-down', 'terminated', 'stopping', 'stopped'];

/**
 * Launches the image and waits until EC2's checks have passed or its SSM agent is online, then runs the command on it.
 * Errors: BOOT_TEST_FAILED with the end of the console or the output of the command; EC2_NO_CAPACITY.
 */
export async function bootTest(step: BootTestStep, scope: PublishScope): Promise<void> {
  const { image } = homeOf(scope.ledger);
  const { region, resources } = scope.request.aws;
  if (image.tags[BOOT_TEST_TAG] === 'passed') return;
  const run = await scope.late.open();
  await endEarlierTests(run, scope);
  const instanceId = await launch(step, run, scope);
  try {
    const deadline = scope.context.clock.now() + step.timeoutMinutes * 60_000;
    await waitForBoot(step, instanceId, scope);
    if (step.command !== undefined) await runCommand(step.command, { instanceId, run, deadline }, scope);
  } finally {
    // Refused here, it is tried again when the run ends.
    await resources.terminateInstances([instanceId]).catch(() => undefined);
  }
  await intend(scope, { operation: 'tag-image', region, imageId: image.id }, 'boot test passed');
  await untilKnown(image.id, scope, () => resources.tagImage(image.id, { [BOOT_TEST_TAG]: 'passed' }));
}

/** Of an attempt of this run that was killed. */
async function endEarlierTests(run: Run, { request: { aws } }: PublishScope): Promise<void> {
  const instances = await aws.resources.findInstances({ run: run.id, keyNames: [] });
  const ours = instances.filter(({ state, tags }) => tags[ROLE_TAG] === 'boot-test' && state !== 'terminated');
  await aws.resources.terminateInstances(ours.map(({ id }) => id));
}

async function launch(step: BootTestStep, run: Run, scope: PublishScope): Promise<string> {
  const { plan, request, context, signal, late } = scope;
  const { region, instances } = request.aws;
  // An attempt never takes up the instance of an earlier one, so nothing has to know the token again.
  const nonce = context.randomHex(8);
  const id = await launchOnLadder(plan.builder, {
    isSpotAllowed: false,
    instances,
    context,
    signal,
    order(rung) {
      const order = describeOrder(step, rung, { run, nonce, scope });
      late.findRun()?.intend({ operation: 'boot-test', amiName: plan.amiName, region, token: order.clientToken });
      return order;
    },
  });
  run.learn('instance', id);
  return id;
}

interface OrderScope {
  readonly run: Run;
  readonly nonce: string;
  readonly scope: PublishScope;
}

function describeOrder(step: BootTestStep, rung: Rung, { run, nonce, scope }: OrderScope): LaunchOrder {
  const { plan, request, context } = scope;
  const { builder } = plan;
  const instanceProfile = builder.iamInstanceProfile ?? request.instanceProfile;
  const hours = Math.ceil(step.timeoutMinutes / 60) + 1;
  const { instanceType, subnetId, isSpot } = rung;
  const { securityGroupIds, associatePublicIpAddress } = builder;
  return {
    clientToken: createHash('sha256').update(`${run.id}|boot-test|${nonce}|${rung.rung}`).digest('hex').slice(0, 60),
    imageId: homeOf(scope.ledger).image.id,
    instanceType,
    isSpot,
    ...(instanceProfile === undefined ? {} : { instanceProfile }),
    ...(subnetId === undefined ? {} : { subnetId }),
    ...(securityGroupIds === undefined ? {} : { securityGroupIds }),
    ...(associatePublicIpAddress === undefined ? {} : { associatePublicIpAddress }),
    userData: renderUserData({ expiryHours: hours }),
    tags: {
      Name: `buildimg boot test of ${plan.image}`,
      'buildimg:image': plan.image,
      [EXPIRES_TAG]: formatExpiry(context.clock.now(), hours),
      [ROLE_TAG]: 'boot-test',
      [RUN_TAG]: run.id,
    },
  };
}

async function waitForBoot(step: BootTestStep, instanceId: string, scope: PublishScope): Promise<void> {
  const { request, context, signal } = scope;
  const { instances, commands } = request.aws;
  const hasCommand = step.command !== undefined;
  try {
    await waitUntil({
      what: `${instanceId} to boot`,
      limitMs: step.timeoutMinutes * 60_000,
      longestDelayMs: LONGEST_DELAY_MS,
      clock: context.clock,
      signal,
      async check() {
        if (await commands.isOnline(instanceId)) return true;
        const { state = 'pending', reason = '' } = (await instances.findInstance(instanceId)) ?? {};
        if (ENDED.includes(state)) throw await failure(`${instanceId} is ${state}: ${reason}`, instanceId, scope);
        const checks = await instances.findChecks(instanceId);
        if (checks === 'impaired') throw await failure('EC2 finds it impaired', instanceId, scope);
        return checks === 'passed' && !hasCommand ? true : undefined;
      },
    });
  } catch (error) {
    if (!(error instanceof BuildimgError && error.code === 'WAIT_TIMED_OUT')) throw error;
    const what = hasCommand ? 'its SSM agent was not online' : 'neither its checks had passed nor was its agent online';
    throw await failure(`after ${step.timeoutMinutes} minutes ${what}`, instanceId, scope);
  }
}

async function failure(reason: string, instanceId: string, { request, ledger }: PublishScope): Promise<BuildimgError> {
  const lines = await readConsoleEnd(request.aws.instances, instanceId);
  const detail = lines === '' ? '' : `Last lines of its console:\n${lines}`;
  return createError('BOOT_TEST_FAILED', [homeOf(ledger).image.id, reason, detail]);
}

interface CommandRun {
  readonly instanceId: string;
  readonly run: Run;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

async function runCommand(command: string, { instanceId, run, deadline }: CommandRun, scope: PublishScope) {
  const { request, context, signal, ledger } = scope;
  const { clock } = context;
  const instance = { aws: request.aws, instanceId, clock, signal };
  const runOnce = createCommandRunner(run.id, instance);
  const limitSeconds = Math.max(30, Math.ceil((deadline - clock.now()) / 1000));
  try {
    await runScript({ what: 'run the boot test', text: command, limitSeconds }, runOnce, instance);
  } catch (error) {
    if (!(error instanceof BuildimgError && error.code === 'EC2_COMMAND_FAILED')) throw error;
    throw createError('BOOT_TEST_FAILED', [homeOf(ledger).image.id, 'its command failed', error.message], {
      cause: error,
    });
  }
}
