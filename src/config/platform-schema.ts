// Elastic Beanstalk custom platform metadata, with the limits of the developer guide's "platform.yaml file format".
import { Type } from 'typebox';
import { Closed, Text } from './schema-types.js';

const SettingName = Text({ minLength: 1, maxLength: 100 });
const ProductName = Text({ minLength: 1, maxLength: 50 });
const ProductVersion = Text({ minLength: 1, maxLength: 20 });

export const PlatformSchema = Closed(
  {
    name: Text({
      description: 'Name of the platform.',
      pattern: '^[^:/\\s](?:[^:/]{0,98}[^:/\\s])?$',
      patternErrorMessage: 'a platform name has 1 to 100 characters, none of them ":" or "/"',
    }),
    description: Type.Optional(Text({ maxLength: 2000 })),
    maintainer: Type.Optional(Text({ maxLength: 100 })),
    operatingSystemName: ProductName,
    operatingSystemVersion: ProductVersion,
    programmingLanguageName: Type.Optional(ProductName),
    programmingLanguageVersion: Type.Optional(ProductVersion),
    frameworkName: Type.Optional(ProductName),
    frameworkVersion: Type.Optional(ProductVersion),
    optionDefinitions: Type.Optional(
      Type.Array(
        Closed({
          namespace: Text({
            pattern: '^aws:elasticbeanstalk:container:custom(?::.+)?$',
            patternErrorMessage: 'custom options live under "aws:elasticbeanstalk:container:custom"',
            maxLength: 100,
          }),
          optionName: SettingName,
          default: Type.Optional(Text()),
          description: Type.Optional(Text({ maxLength: 1024 })),
        }),
        { maxItems: 50, description: 'Options that environments of this platform can set.' },
      ),
    ),
    optionSettings: Type.Optional(
      Type.Array(Closed({ namespace: SettingName, optionName: SettingName, value: Text() }), {
        maxItems: 50,
        description: 'Values that the platform sets for environments.',
      }),
    ),
  },
  { description: 'Elastic Beanstalk platform metadata, used to render platform.yaml.' },
);
