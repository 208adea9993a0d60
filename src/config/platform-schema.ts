// An Elastic Beanstalk custom platform, with the limits of the developer guide's "platform.yaml file format".
import { Type } from 'typebox';
import { RuntimeSchema } from './runtime-schema.js';
import { Closed, StringEnum, Text } from './schema-types.js';

const SettingName = Text({ minLength: 1, maxLength: 100 });
const ProductName = Text({ minLength: 1, maxLength: 50 });
const ProductVersion = Text({ minLength: 1, maxLength: 20 });

const OptionDefinition = Closed({
  namespace: Text({
    pattern: '^aws:elasticbeanstalk:container:custom(?::.+)?$',
    patternErrorMessage: 'custom options live under "aws:elasticbeanstalk:container:custom"',
    maxLength: 100,
  }),
  optionName: SettingName,
  default: Type.Optional(Text()),
  description: Type.Optional(Text({ maxLength: 1024 })),
});

const PlatformBuilderSchema = Closed(
  {
    instanceProfile: Type.Optional(
      Text({
        default: 'aws-elasticbeanstalk-custom-platform-ec2-role',
        pattern: '^[A-Za-z0-9+=,.@_-]{1,128}$',
        patternErrorMessage:
          'an instance profile is named by letters, digits and + = , . @ _ - (its name, not its ARN)',
        description: 'Instance profile of the instance on which Elastic Beanstalk runs Packer.',
      }),
    ),
    keyName: Type.Optional(Text({ minLength: 1, maxLength: 255, description: 'Key pair of that instance.' })),
  },
  { default: {} },
);

export const PlatformSchema = Closed(
  {
    name: Text({
      description: 'Name of the platform.',
      pattern: '^[^:/\\s](?:[^:/]{0,98}[^:/\\s])?$',
      patternErrorMessage: 'a platform name has 1 to 100 characters, none of them ":" or "/"',
    }),
    flavor: Type.Optional(
      StringEnum(['amazon', 'ubuntu1604', 'rhel7', 'rhel6'], {
        description:
          'Which system Elastic Beanstalk takes the image for; these four are all that there ever were, and none is current.',
      }),
    ),
    description: Type.Optional(Text({ maxLength: 2000 })),
    maintainer: Type.Optional(Text({ maxLength: 100 })),
    operatingSystemName: ProductName,
    operatingSystemVersion: ProductVersion,
    programmingLanguageName: Type.Optional(ProductName),
    programmingLanguageVersion: Type.Optional(ProductVersion),
    frameworkName: Type.Optional(ProductName),
    frameworkVersion: Type.Optional(ProductVersion),
    appServerName: Type.Optional(ProductName),
    appServerVersion: Type.Optional(ProductVersion),
    optionDefinitions: Type.Optional(
      Type.Array(OptionDefinition, {
        maxItems: 50,
        description: 'Options that environments of this platform can set.',
      }),
    ),
    optionSettings: Type.Optional(
      Type.Array(Closed({ namespace: SettingName, optionName: SettingName, value: Text() }), {
        maxItems: 50,
        description: 'Values that the platform sets for environments.',
      }),
    ),
    builder: Type.Optional(PlatformBuilderSchema),
    runtime: Type.Optional(RuntimeSchema),
    hooks: Type.Optional(
      Text({
        minLength: 1,
        description: 'Folder of your own hooks, as appdeploy/pre/50-name.sh; one of the same name replaces ours.',
      }),
    ),
    files: Type.Optional(
      Text({ minLength: 1, description: 'Folder whose contents are merged into / of the platform image.' }),
    ),
  },
  {
    description: 'Elastic Beanstalk custom platform, for render --target eb-platform. AWS retired these in July 2022.',
  },
);
