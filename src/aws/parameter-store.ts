import { GetParameterCommand, PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { ParameterStore } from './distribution-ports.js';
import { toTags } from './tags.js';
import { callAws, callAwsOrMiss } from './translate-error.js';

/** Parameters over the SDK. */
export function createParameterStore(ssm: SSMClient): ParameterStore {
  return {
    async findParameter(name) {
      const answer = await callAwsOrMiss('ssm:GetParameter', ['ParameterNotFound'], () =>
        ssm.send(new GetParameterCommand({ Name: name })),
      );
      const found = answer?.Parameter;
      return found === undefined ? undefined : { type: found.Type ?? '', value: found.Value ?? '' };
    },
    async putImageParameter({ name, imageId, isReplacing, description, tags }) {
      await callAws('ssm:PutParameter', () =>
        ssm.send(
          new PutParameterCommand({
            Name: name,
            Value: imageId,
            Type: 'String',
            // Has to be said each time: without it a later version is plain text, and nobody looks at what is in it.
            DataType: 'aws:ec2:image',
            Description: description,
            ...(isReplacing ? { Overwrite: true } : { Tags: toTags(tags) }),
          }),
        ),
      );
    },
  };
}
