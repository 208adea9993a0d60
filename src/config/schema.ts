// The one schema of a config. Types come from it by `Static`, the validators in generated/ and the JSON Schema for
// editors are made from it by scripts/generate.mjs. Only that script runs this module; the program imports types alone,
// so TypeBox costs nothing at start-up.
import { type TSchema, Type } from 'typebox';
import { IMAGE_PATTERN, PARAMETER_PATTERN } from './aws-names.js';
import { BeanstalkSchema } from './beanstalk-schema.js';
import { operatingSystemNames } from './operating-systems.js';
import { PlatformSchema } from './platform-schema.js';
import { PublishSchema } from './publish-schema.js';
import { ScanSchema } from './scan-schema.js';
import { Axis, Closed, KmsKeyId, MapOf, ProfileName, RegionRules, StringEnum, Tags, Text } from './schema-types.js';

const Owners = Type.Array(
  Text({
    pattern: '^(?:[0-9]{12}|amazon|self|aws-marketplace)$',
    patternErrorMessage: 'an owner is an account of 12 digits, "amazon" or "self"',
  }),
  { minItems: 1, description: 'Accounts whose images are trusted: 12 digits each, or `amazon` or `self`.' },
);

/** Each way to name a source image, by the key that tells it from the others. */
export const sourceSchemas = {
  os: Closed({
    os: StringEnum(operatingSystemNames, {
      description: 'The current image of an operating system, from its publisher.',
    }),
  }),
  ssmParameter: Closed({
    ssmParameter: Text({
      description: 'SSM parameter that holds the id of an image.',
      pattern: PARAMETER_PATTERN,
      patternErrorMessage: 'a parameter name has letters, digits and _ . - in parts set off by "/"',
      maxLength: 1011,
    }),
    owners: Owners,
  }),
  filter: Closed({
    filter: MapOf(Text({ minLength: 1, maxLength: 255 }), {
      description: 'DescribeImages filters; the newest image that matches all of them is taken.',
      minProperties: 1,
    }),
    owners: Owners,
  }),
  platformBranch: Closed({
    platformBranch: Text({
      description: 'The image of the recommended version of an Elastic Beanstalk platform branch.',
      pattern: '^[A-Za-z0-9][A-Za-z0-9 .()_-]{2,149}$',
      patternErrorMessage: 'a branch is named like "Node.js 20 running on 64bit Amazon Linux 2023"',
    }),
  }),
  ami: Closed({
    ami: Text({
      description: 'The id of one image.',
      pattern: '^ami-(?:[0-9a-f]{8}|[0-9a-f]{17})$',
      patternErrorMessage: 'an image id is "ami-" and 8 or 17 hexadecimal digits',
    }),
  }),
};

const Cidr = Text({
  pattern:
    '^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])/(?:3[0-2]|[12]?[0-9])$',
  patternErrorMessage: 'a CIDR block is an IPv4 address and a prefix length, like "203.0.113.7/32"',
});

function ResourceId(prefix: string) {
  return Text({
    pattern: `^${prefix}-(?:[0-9a-f]{8}|[0-9a-f]{17})$`,
    patternErrorMessage: `an id here is "${prefix}-" and 8 or 17 hexadecimal digits`,
  });
}

function InstanceType(description?: string) {
  return Text({
    ...(description === undefined ? {} : { description }),
    pattern: '^[a-z][a-z0-9-]*\\.[a-z0-9][a-z0-9-]*$',
    patternErrorMessage: 'an instance type is a family, a dot and a size, like "c7i.large"',
  });
}

const BuilderSchema = Closed(
  {
    type: Type.Optional(
      StringEnum(['packer', 'ec2'], {
        default: 'packer',
        description: '`packer` runs your packer; `ec2` does without it.',
      }),
    ),
    instanceType: Type.Optional(
      InstanceType('EC2 instance type of the build instance; by default c7i.large, or c7g.large for arm64.'),
    ),
    fallbackInstanceTypes: Type.Optional(
      Type.Array(InstanceType(), {
        minItems: 1,
        maxItems: 10,
        description: 'Builder ec2: tried in this order when EC2 has no capacity for instanceType.',
      }),
    ),
    subnetIds: Type.Optional(
      Type.Array(ResourceId('subnet'), {
        minItems: 1,
        maxItems: 10,
        description: 'Builder ec2: tried in this order when a zone has no capacity; instead of subnetId.',
      }),
    ),
    spot: Type.Optional(
      Type.Boolean({ description: 'Builder ec2: a spot instance first, on demand when there is none.' }),
    ),
    expiresAfterHours: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 168,
        description: 'Builder ec2: the build instance ends itself after so long (12) if nobody comes back for it.',
      }),
    ),
    communicator: Type.Optional(
      StringEnum(['ssm', 'ssh'], {
        description:
          'Builder ec2: `ssm`, the default, needs no inbound port and no key; `ssh` needs no agent and no instance profile.',
      }),
    ),
    filesBucket: Type.Optional(
      Text({
        description: "Builder ec2 over ssm: bucket of the image's region for files that are too large for commands.",
        pattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$',
        patternErrorMessage: 'a bucket name has 3 to 63 lower-case letters, digits, dots and hyphens',
      }),
    ),
    packerVersion: Type.Optional(
      Text({
        description: 'Packer version that templates are rendered for: decides which keys may be used.',
        default: '1.6.6',
        pattern: '^[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}$',
        patternErrorMessage: 'a Packer version has three numbers, like "1.6.6"',
      }),
    ),
    sshUsername: Type.Optional(
      Text({
        description: 'Login user of the source image; known for images that are named by os.',
        pattern: '^[a-z_][a-z0-9_-]{0,31}$',
        patternErrorMessage: 'a login user has 1 to 32 lower-case letters, digits, _ and -',
      }),
    ),
    sshPort: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535, default: 22 })),
    sshTimeoutMinutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 240, default: 5 })),
    sshSourceCidrs: Type.Optional(
      Type.Array(Cidr, {
        minItems: 1,
        description: 'Who may reach the build instance over SSH; by default the address of the machine that builds.',
      }),
    ),
    subnetId: Type.Optional(ResourceId('subnet')),
    vpcId: Type.Optional(ResourceId('vpc')),
    securityGroupIds: Type.Optional(Type.Array(ResourceId('sg'), { minItems: 1, maxItems: 16 })),
    iamInstanceProfile: Type.Optional(
      Text({
        pattern: '^[A-Za-z0-9+=,.@_-]{1,128}$',
        patternErrorMessage:
          'an instance profile is named by letters, digits and + = , . @ _ - (its name, not its ARN)',
      }),
    ),
    associatePublicIpAddress: Type.Optional(Type.Boolean()),
    rootVolume: Type.Optional(
      Closed({
        sizeGib: Type.Optional(Type.Integer({ minimum: 1, maximum: 16384 })),
        // io1 and io2 are left out: EC2 refuses them without a number of IOPS, which a build never needs.
        type: Type.Optional(StringEnum(['gp2', 'gp3', 'standard'])),
        deviceName: Type.Optional(
          Text({
            description: 'Root device of the source image, where that is not known, like "/dev/xvda".',
            pattern: '^/dev/[a-z0-9]{2,20}$',
            patternErrorMessage: 'a device is named like "/dev/xvda"',
          }),
        ),
      }),
    ),
  },
  { default: {} },
);

/** EC2's limit is 50; the rest is left for the tags that buildimg adds. */
const MAX_USER_TAGS = 40;

const AmiSchema = Closed(
  {
    description: Type.Optional(
      Text({
        pattern: '^[\\t\\n -~]*$',
        patternErrorMessage: 'EC2 takes ASCII characters only in an AMI description',
        maxLength: 255,
      }),
    ),
    tags: Type.Optional(Tags({ description: 'Tags of the AMI and its snapshots.', maxProperties: MAX_USER_TAGS })),
    encrypt: Type.Optional(
      Type.Boolean({ default: false, description: 'Encrypt the launch volume, so that the AMI is encrypted.' }),
    ),
    kmsKeyId: Type.Optional(
      KmsKeyId("Customer managed key to encrypt with; by default the account's key for EBS, which cannot be shared."),
    ),
  },
  { default: {} },
);

const VariableSchema = Closed({
  default: Type.Optional(Text()),
  secret: Type.Optional(
    Type.Boolean({ default: false, description: 'Never shown: masked wherever its value would appear.' }),
  ),
  description: Type.Optional(Text()),
});

const MatrixSchema = Closed(
  {
    architecture: Type.Optional(Axis(StringEnum(['x86_64', 'arm64']))),
    region: Type.Optional(Axis(Text({ ...RegionRules }))),
    profile: Type.Optional(Axis(ProfileName())),
  },
  {
    description:
      'One image for each combination, named by the values of every axis that has several: `web-eu-west-1-arm64`. They stand in place of the keys of the same names.',
  },
);

/**
 * The schema of a whole config. Sources and provisioners are told apart by a name that is looked up first, so their
 * schemas are slots: a plain union would report every mistake once for each member that was not meant.
 */
export function makeConfigSchema<S extends TSchema, P extends TSchema>(slots: { source: S; provisioner: P }) {
  const ImageSchema = Closed({
    version: Text({
      description: 'Version of the image, part of the AMI name.',
      pattern: '^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$',
      patternErrorMessage: 'a version has 1 to 40 letters, digits and . _ - because it becomes part of the AMI name',
    }),
    region: Type.Optional(
      Text({
        default: 'us-east-1',
        ...RegionRules,
      }),
    ),
    architecture: Type.Optional(StringEnum(['x86_64', 'arm64'], { default: 'x86_64' })),
    profile: Type.Optional(
      ProfileName({
        description:
          "Profile of ~/.aws/config whose account builds the image; by default the caller's credentials. In the sandbox each profile is an account of its own.",
      }),
    ),
    matrix: Type.Optional(MatrixSchema),
    source: slots.source,
    builder: Type.Optional(BuilderSchema),
    provisioners: Type.Optional(Type.Array(slots.provisioner, { default: [], maxItems: 99 })),
    scan: Type.Optional(ScanSchema),
    ami: Type.Optional(AmiSchema),
    publish: Type.Optional(PublishSchema),
    platform: Type.Optional(PlatformSchema),
    beanstalk: Type.Optional(BeanstalkSchema),
  });
  return Closed({
    version: Type.Unsafe<1>({ type: 'integer', enum: [1], description: 'Version of the config format.' }),
    variables: Type.Optional(
      MapOf(VariableSchema, {
        description: 'Variables that --var sets and that ${var:NAME} stands for.',
        keyPattern: '^[A-Za-z_][A-Za-z0-9_]{0,63}$',
        keyErrorMessage: 'a variable is named by letters, digits and _',
        default: {},
      }),
    ),
    images: MapOf(ImageSchema, {
      keyPattern: IMAGE_PATTERN,
      keyErrorMessage: 'an image is named by 1 to 50 lower-case letters, digits and -',
      minProperties: 1,
    }),
  });
}
