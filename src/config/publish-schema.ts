// The `publish` section of an image: what is done with the AMI when it is there. A value that may be written in two ways is
// one schema of two types, not a union: a union would report every mistake once for each member that was not meant.
import { type Static, Type } from 'typebox';
import { ACCOUNT_PATTERN, ORGANIZATION_PATTERN, ORGANIZATIONAL_UNIT_PATTERN } from './aws-names.js';
import { Closed, KmsKeyId, RegionRules, SwitchOr, Tags, Text } from './schema-types.js';

/** EC2 keeps a hundred pending copies an account; no account has more regions than this. */
const MAX_REGIONS = 40;
/** The default quota of launch permissions of an AMI is higher; a list that long belongs into an organization. */
const MAX_GRANTEES = 500;
/** EC2's limit is 50; `ami.tags` may hold 40 and buildimg's own come on top. */
const MAX_TAGS = 10;

const RegionDetails = Closed({
  kmsKeyId: Type.Optional(KmsKeyId('Customer managed key of that region; the copy is encrypted with it.')),
});

/** A list of names, or a mapping of names to what differs there. */
const Regions = Type.Unsafe<string[] | Record<string, Static<typeof RegionDetails>>>({
  type: ['array', 'object'],
  description: 'Regions that the AMI is copied to; as a mapping, each with the key that encrypts its copy.',
  items: Text(RegionRules),
  minItems: 1,
  maxItems: MAX_REGIONS,
  additionalProperties: RegionDetails,
  propertyNames: { ...RegionRules },
  minProperties: 1,
  maxProperties: MAX_REGIONS,
});

const Account = Text({ pattern: ACCOUNT_PATTERN, patternErrorMessage: 'an account has 12 digits' });

const ParameterRules = {
  pattern: '^/?(?:[A-Za-z0-9_.-]|\\{[a-z]+\\})+(?:/(?:[A-Za-z0-9_.-]|\\{[a-z]+\\})+)*$',
  patternErrorMessage:
    'a parameter name has letters, digits, _ . - and {version}-like placeholders, in parts set off by "/"',
  maxLength: 900,
} as const;

const parameterNames = {
  versioned: Type.Optional(
    Text({ ...ParameterRules, description: 'A parameter for each version: /acme/web/{version}. Written first.' }),
  ),
  latest: Type.Optional(
    Text({
      ...ParameterRules,
      description: 'The parameter that follows the newest image. Written when all else is done.',
    }),
  ),
};

const { type: _type, ...ParameterNames } = Closed(parameterNames);
const Parameter = Type.Unsafe<string | { versioned?: string; latest?: string }>({
  ...ParameterNames,
  ...ParameterRules,
  type: ['string', 'object'],
  minProperties: 1,
  description:
    'SSM parameter that holds the AMI id, in every region; a plain name is the one that follows the newest image.',
});

export const PublishSchema = Closed(
  {
    bootTest: Type.Optional(
      SwitchOr(
        {
          command: Type.Optional(
            Text({
              pattern: '\\S',
              patternErrorMessage: 'a command is a line of shell',
              maxLength: 10_000,
              description: 'Shell that runs as root on an instance of the AMI; it must exit with 0.',
            }),
          ),
          timeoutMinutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 120, default: 15 })),
        },
        { description: 'Launch the AMI before anybody else can; an image that does not come up is removed.' },
      ),
    ),
    regions: Type.Optional(Regions),
    tags: Type.Optional(
      Tags({ description: 'More tags for the AMI, its copies and the parameters.', maxProperties: MAX_TAGS }),
    ),
    deprecateAfter: Type.Optional(
      Text({
        pattern: '^[1-9][0-9]{0,3}d$',
        patternErrorMessage: 'a number of days is written like 180d',
        description: 'EC2 deprecates the AMI and its copies so many days after it was made: 180d.',
      }),
    ),
    protect: Type.Optional(
      SwitchOr(
        {
          cooldown: Type.Optional(
            Type.Boolean({ default: false, description: 'And for a day after it is turned off.' }),
          ),
        },
        { description: 'Nobody can deregister the AMI and its copies until this is turned off.' },
      ),
    ),
    accounts: Type.Optional(
      Type.Array(Account, { minItems: 1, maxItems: MAX_GRANTEES, description: 'Accounts that may launch the AMI.' }),
    ),
    organizations: Type.Optional(
      Type.Array(
        Text({
          pattern: ORGANIZATION_PATTERN,
          patternErrorMessage: 'an organization is "arn:aws:organizations::ACCOUNT:organization/o-…"',
        }),
        {
          minItems: 1,
          maxItems: MAX_GRANTEES,
          description: 'ARNs of organizations whose accounts may launch the AMI.',
        },
      ),
    ),
    organizationalUnits: Type.Optional(
      Type.Array(
        Text({
          pattern: ORGANIZATIONAL_UNIT_PATTERN,
          patternErrorMessage: 'an organizational unit is "arn:aws:organizations::ACCOUNT:ou/o-…/ou-…"',
        }),
        {
          minItems: 1,
          maxItems: MAX_GRANTEES,
          description: 'ARNs of organizational units whose accounts may launch the AMI.',
        },
      ),
    ),
    public: Type.Optional(Type.Boolean({ default: false, description: 'Everybody may launch the AMI.' })),
    snapshotsToo: Type.Optional(
      Type.Boolean({ default: false, description: 'Those accounts may also copy the AMI, and read its snapshots.' }),
    ),
    parameter: Type.Optional(Parameter),
    manifest: Type.Optional(
      Text({
        minLength: 1,
        maxLength: 500,
        description: 'File to write what was published to, as JSON; relative to the config.',
      }),
    ),
  },
  { description: 'What is done with the AMI when it is there; it decides nothing of what is in it.' },
);
