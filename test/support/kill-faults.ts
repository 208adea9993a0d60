// The fault catalogue of the kill campaign: each effect of world/faults.ts at each call that a build of the builder ec2 makes.
import type { Fault } from '../../src/sandbox/world/faults.js';

export interface NamedFault {
  readonly name: string;
  readonly fault?: Fault;
}

const LOOKS = [
  'ec2:DescribeImages',
  'ec2:DescribeInstances',
  'ec2:DescribeSnapshots',
  'ec2:DescribeVolumes',
  'ssm:DescribeInstanceInformation',
  'ssm:GetCommandInvocation',
  'ssm:GetParameter',
  'ebs:ListSnapshotBlocks',
  'ebs:GetSnapshotBlock',
];

const CHANGES = [
  'ec2:RunInstances',
  'ssm:SendCommand',
  'ec2:StopInstances',
  'ec2:CreateImage',
  'ec2:ModifyImageAttribute',
  'ec2:CreateTags',
  'ec2:TerminateInstances',
];

/** What EC2 says by itself, and of one call only. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
const REFUSALS: readonly (readonly [action: string, code: string, times?: number])[] = [
  ['ec2:RunInstances', 'InsufficientInstanceCapacity'],
  ['ec2:RunInstances', 'InvalidParameterValue'],
  ['ec2:StopInstances', 'IncorrectInstanceState'],
  ['ec2:CreateImage', 'IncorrectInstanceState'],
  ['ec2:ModifyImageAttribute', 'InvalidAMIID.NotFound'],
  ['ec2:CreateTags', 'InvalidAMIID.NotFound'],
  ['ssm:SendCommand', 'InvalidInstanceId'],
  ['ssm:GetCommandInvocation', 'InvocationDoesNotExist', 5],
  ['ebs:ListSnapshotBlocks', 'ResourceNotFoundException'],
  ['ec2:TerminateInstances', 'UnauthorizedOperation'],
];

/** What a reader of a replica that is behind gets. */
const STALE: readonly (readonly [action: string, output: object])[] = [
  ['ec2:DescribeInstances', { Reservations: [] }],
  ['ec2:DescribeImages', { Images: [] }],
  ['ec2:DescribeSnapshots', { Snapshots: [] }],
  ['ec2:DescribeVolumes', { Volumes: [] }],
  ['ssm:DescribeInstanceInformation', { InstanceInformationList: [] }],
];

const DELAY_MS = 150;

/** About sixty; the first is none at all. */
export function listKillFaults(): readonly NamedFault[] {
  const errors = [...LOOKS, ...CHANGES].map((action) => anError(action, 'RequestLimitExceeded'));
  const lost = CHANGES.flatMap((action) => [
    { name: `${action} lost-response`, fault: { action, effect: { kind: 'lost-response' } } } as const,
    { name: `${action} lost-request`, fault: { action, effect: { kind: 'lost-request' } } } as const,
    { name: `${action} delay`, fault: { action, effect: { kind: 'delay', ms: DELAY_MS } } } as const,
  ]);
  const stale = STALE.flatMap(([action, output]) =>
    [0, 2].map((skip) => ({
      name: `${action} stale after ${skip}`,
      fault: { action, skip, times: 2, effect: { kind: 'answer', output } } as const,
    })),
  );
  const capture = {
    action: 'sandbox:capture',
    effect: { kind: 'error', code: 'x', message: 'the disk is gone' },
  } as const;
  return [
    { name: 'none' },
    ...errors,
    ...REFUSALS.map(([action, code, times]) => anError(action, code, times)),
    ...lost,
    ...stale,
    { name: 'sandbox:capture failed', fault: capture },
  ];
}

function anError(action: string, code: string, times = 1): NamedFault {
  const status = code === 'RequestLimitExceeded' ? 503 : 400;
  return { name: `${action} ${code}`, fault: { action, times, effect: { kind: 'error', code, status } } };
}
