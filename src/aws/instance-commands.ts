import {
  CancelCommandCommand,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  SendCommandCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import type { InstanceCommands } from './ec2-ports.js';
import { callAws, callAwsOrMiss } from './translate-error.js';

const DOCUMENT = 'AWS-RunShellScript';
/** Seconds that SSM tries to reach the agent; less than 30 is refused. */
const DELIVERY_LIMIT_S = 120;
const OPEN = ['Pending', 'InProgress', 'Delayed', 'Cancelling'];

export function createInstanceCommands(ssm: SSMClient): InstanceCommands {
  return {
    async isOnline(instanceId) {
      const { InstanceInformationList = [] } = await callAws('ssm:DescribeInstanceInformation', () =>
        ssm.send(new DescribeInstanceInformationCommand({ Filters: [{ Key: 'InstanceIds', Values: [instanceId] }] })),
      );
      return InstanceInformationList[0]?.PingStatus === 'Online';
    },
    async send({ instanceId, script, comment, timeoutSeconds }) {
      const { Command } = await callAws('ssm:SendCommand', () =>
        ssm.send(
          new SendCommandCommand({
            DocumentName: DOCUMENT,
            InstanceIds: [instanceId],
            Comment: comment,
            TimeoutSeconds: DELIVERY_LIMIT_S,
            Parameters: { commands: [script], executionTimeout: [String(timeoutSeconds)] },
          }),
        ),
      );
      return Command?.CommandId ?? '';
    },
    async findResult(commandId, instanceId) {
      const answer = await callAwsOrMiss('ssm:GetCommandInvocation', ['InvocationDoesNotExist'], () =>
        ssm.send(new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: instanceId })),
      );
      if (answer === undefined) return undefined;
      return {
        status: answer.StatusDetails ?? answer.Status ?? '',
        isEnded: !OPEN.includes(answer.Status ?? ''),
        exitCode: answer.ResponseCode ?? -1,
        stdout: answer.StandardOutputContent ?? '',
        stderr: answer.StandardErrorContent ?? '',
      };
    },
    async cancel(commandId, instanceId) {
      await callAwsOrMiss('ssm:CancelCommand', ['InvalidCommandId', 'InvalidInstanceId'], () =>
        ssm.send(new CancelCommandCommand({ CommandId: commandId, InstanceIds: [instanceId] })),
      );
    },
  };
}
