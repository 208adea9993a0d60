import { RunInstancesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import {
  CancelCommandCommand,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  type GetCommandInvocationResult,
  ListCommandsCommand,
  SendCommandCommand,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { GuestScript } from '../../../src/sandbox/machine/guest-agent.js';
import { startTestSandbox, type TestSandbox } from '../../support/a-sandbox.js';
import { exitedWith } from '../../support/fake-instance-driver.js';

let test: TestSandbox;
let instanceId: string;
beforeAll(async () => {
  test = await startTestSandbox();
  instanceId = await launch({ Name: 'ssm' });
});
afterAll(() => test.sandbox.close());

describe('managed instances', () => {
  it('are those with an instance profile whose agent answers', async () => {
    const bare = await launch();

    const { InstanceInformationList = [] } = await test.ssm.send(new DescribeInstanceInformationCommand({}));

    expect(InstanceInformationList.map((each) => each.InstanceId)).toEqual([instanceId]);
    expect(InstanceInformationList[0]).toMatchObject({ PingStatus: 'Online', PlatformType: 'Linux' });
    await expect(send(['true'], bare)).rejects.toMatchObject({ name: 'InvalidInstanceId' });
  });

  it('are gone when they are terminated', async () => {
    const other = await launch({ Name: 'ssm' });
    await test.ec2.send(new TerminateInstancesCommand({ InstanceIds: [other] }));

    const { InstanceInformationList } = await test.ssm.send(
      new DescribeInstanceInformationCommand({ Filters: [{ Key: 'InstanceIds', Values: [other] }] }),
    );

    expect(InstanceInformationList).toEqual([]);
  });
});

describe('Run Command', () => {
  it('runs the lines as one script and gives its output and exit code', async () => {
    const seen: GuestScript[] = [];
    test.driver.answerScripts((script) => {
      seen.push(script);
      return exitedWith(3, { stdout: 'out', stderr: 'err' });
    });

    const ended = await finish(await send(['cd /tmp', 'exit 3']));

    expect(seen[0]).toMatchObject({ script: 'cd /tmp\nexit 3\n', timeoutMs: 3_600_000 });
    expect(ended).toMatchObject({ Status: 'Failed', ResponseCode: 3 });
    expect(ended).toMatchObject({ StandardOutputContent: 'out', StandardErrorContent: 'err' });
  });

  it('cuts the output where SSM cuts it', async () => {
    test.driver.answerScripts(() => exitedWith(0, { stdout: 'x'.repeat(30_000), stderr: 'y'.repeat(9000) }));

    const ended = await finish(await send(['true']));

    expect(ended.StandardOutputContent).toHaveLength(24_000);
    expect(ended.StandardErrorContent).toHaveLength(8000);
  });

  it('reboots for exit code 194 and runs the script again', async () => {
    const codes = [194, 0];
    test.driver.answerScripts(() => exitedWith(codes.shift() ?? 1));

    const ended = await finish(await send(['reboot-once']));

    expect(ended).toMatchObject({ Status: 'Success', ResponseCode: 0 });
    expect(test.driver.calls).toContain(`reboot ${instanceId}`);
  });

  it('ends a command that is cancelled', async () => {
    test.driver.answerScripts(
      ({ signal }) =>
        new Promise((resolve) =>
          signal.addEventListener('abort', () => resolve({ kind: 'cancelled' }), { once: true }),
        ),
    );
    const commandId = await send(['sleep 1000']);

    await test.ssm.send(new CancelCommandCommand({ CommandId: commandId }));

    expect(await finish(commandId)).toMatchObject({ Status: 'Cancelled', ResponseCode: -1 });
  });

  it('finds a command again by its comment', async () => {
    test.driver.answerScripts(() => exitedWith(0));
    const commandId = await send(['true'], instanceId, 'run r-1 step 2');

    const { Commands = [] } = await test.ssm.send(new ListCommandsCommand({ InstanceId: instanceId }));

    expect(Commands.find(({ Comment }) => Comment === 'run r-1 step 2')?.CommandId).toBe(commandId);
  });

  it('refuses what SSM refuses', async () => {
    const tooLong = send(['x'.repeat(70_000)]);
    const unknown = test.ssm.send(
      new SendCommandCommand({
        DocumentName: 'AWS-Mine',
        InstanceIds: [instanceId],
        Parameters: { commands: ['true'] },
      }),
    );
    const missing = test.ssm.send(
      new GetCommandInvocationCommand({ CommandId: 'a'.repeat(36), InstanceId: instanceId }),
    );

    await Promise.all([
      expect(tooLong).rejects.toMatchObject({ name: 'MaxDocumentSizeExceeded' }),
      expect(unknown).rejects.toMatchObject({ name: 'InvalidDocument' }),
      expect(missing).rejects.toMatchObject({ name: 'InvocationDoesNotExist' }),
    ]);
  });
});

async function launch(IamInstanceProfile?: { readonly Name: string }): Promise<string> {
  const { Instances = [] } = await test.ec2.send(
    new RunInstancesCommand({
      ImageId: test.sourceAmi,
      InstanceType: 't3.small',
      MinCount: 1,
      MaxCount: 1,
      ...(IamInstanceProfile && { IamInstanceProfile }),
    }),
  );
  return Instances[0]?.InstanceId ?? '';
}

async function send(commands: string[], instance = instanceId, Comment = ''): Promise<string> {
  const { Command } = await test.ssm.send(
    new SendCommandCommand({
      DocumentName: 'AWS-RunShellScript',
      InstanceIds: [instance],
      Parameters: { commands },
      Comment,
    }),
  );
  return Command?.CommandId ?? '';
}

async function finish(CommandId: string): Promise<GetCommandInvocationResult> {
  for (;;) {
    const result = await test.ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId: instanceId }));
    if (result.Status !== 'Pending' && result.Status !== 'InProgress') return result;
  }
}
