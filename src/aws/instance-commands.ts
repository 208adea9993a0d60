import { CancelCommandCommand, SendCommandCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { type CommandLookups, commandKey } from './command-lookups.js';
import type { InstanceCommands } from './ec2-ports.js';
import { callAwsOrMiss } from './translate-error.js';

const DOCUMENT = 'AWS-RunShellScript';
/** Seconds that SSM tries to reach the agent; less than 30 is refused. */
const DELIVERY_LIMIT_S = 120;

/** Commands of the build `caller`. */
export function createInstanceCommands(
  ssm: SSMClient,
  { agents, results }: CommandLookups,
  caller: string,
): InstanceCommands {
  return {
    isOnline: async (instanceId) => (await agents(instanceId, caller)) === 'Online',
    async send({ instanceId, script, comment, timeoutSeconds }) {
      const answer = await callAwsOrMiss('ssm:SendCommand', ['InvalidInstanceId'], () =>
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
      return answer?.Command?.CommandId;
    },
    findResult: (commandId, instanceId) => results(commandKey(commandId, instanceId), caller),
    async cancel(commandId, instanceId) {
      await callAwsOrMiss('ssm:CancelCommand', ['InvalidCommandId', 'InvalidInstanceId'], () =>
        ssm.send(new CancelCommandCommand({ CommandId: commandId, InstanceIds: [instanceId] })),
      );
    },
  };
}
