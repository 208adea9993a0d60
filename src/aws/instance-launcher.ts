import {
  CreateKeyPairCommand,
  DescribeInstancesCommand,
  EC2Client,
  GetConsoleOutputCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { type AwsAccessOptions, clientSettings } from './client-settings.js';
import { callAws } from './translate-error.js';

export interface LaunchedInstance {
  readonly id: string;
  readonly state: string;
  readonly imageId: string;
  /** Undefined until it has one. */
  readonly publicIp?: string;
  /** Why it is in this state, where EC2 says more than the state's name. */
  readonly reason?: string;
}

/** Starts instances and finds them again; for looking at what was built. */
export interface InstanceLauncher {
  /** Creates an ed25519 key pair and gives its private key, as PEM or OpenSSH text. */
  createKeyPair(name: string): Promise<string>;
  launch(request: {
    readonly imageId: string;
    readonly instanceType: string;
    readonly keyName: string;
    /** Whether the instance can ask the metadata service. */
    readonly hasMetadata: boolean;
  }): Promise<string>;
  findInstance(id: string): Promise<LaunchedInstance | undefined>;
  /** Most recent output of the serial console. */
  readConsole(id: string): Promise<string>;
  close(): void;
}

export function createInstanceLauncher(options: AwsAccessOptions): InstanceLauncher {
  const ec2 = new EC2Client(clientSettings(options));
  return {
    async createKeyPair(name) {
      const { KeyMaterial = '' } = await callAws('ec2:CreateKeyPair', () =>
        ec2.send(new CreateKeyPairCommand({ KeyName: name, KeyType: 'ed25519' })),
      );
      return KeyMaterial;
    },
    async launch({ imageId, instanceType, keyName, hasMetadata }) {
      const { Instances = [] } = await callAws('ec2:RunInstances', () =>
        ec2.send(
          new RunInstancesCommand({
            ImageId: imageId,
            InstanceType: instanceType as never,
            KeyName: keyName,
            MetadataOptions: { HttpEndpoint: hasMetadata ? 'enabled' : 'disabled', HttpTokens: 'required' },
            MinCount: 1,
            MaxCount: 1,
            TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'buildimg launch' }] }],
          }),
        ),
      );
      return Instances[0]?.InstanceId ?? '';
    },
    async readConsole(id) {
      const { Output = '' } = await callAws('ec2:GetConsoleOutput', () =>
        ec2.send(new GetConsoleOutputCommand({ InstanceId: id, Latest: true })),
      );
      return Buffer.from(Output, 'base64').toString('utf8');
    },
    async findInstance(id) {
      const { Reservations = [] } = await callAws('ec2:DescribeInstances', () =>
        ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values: [id] }] })),
      );
      const found = Reservations.flatMap(({ Instances = [] }) => Instances)[0];
      if (found === undefined) {
        return undefined;
      }
      const publicIp = found.PublicIpAddress;
      const { Code: code = '', Message: reason = '' } = found.StateReason ?? {};
      return {
        id,
        state: found.State?.Name ?? '',
        imageId: found.ImageId ?? '',
        ...(publicIp === undefined || publicIp === '' ? {} : { publicIp }),
        ...(reason === '' || reason === code ? {} : { reason }),
      };
    },
    close: () => ec2.destroy(),
  };
}
