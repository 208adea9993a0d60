// An image that Elastic Beanstalk environments start from: what goes beside the AMI. AWS's supported way to an image of
// one's own; https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/using-features.customenv.html
import { Type } from 'typebox';
import { Closed, StringEnum, Text } from './schema-types.js';

const ManagedUpdates = Closed({
  start: Text({
    pattern: '^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun):(?:[01][0-9]|2[0-3]):[0-5][0-9]$',
    patternErrorMessage: 'a weekly start is a day and a time in UTC, like "Tue:09:00"',
    description: 'When the weekly window for platform updates begins, in UTC.',
  }),
  level: Type.Optional(StringEnum(['minor', 'patch'], { default: 'minor' })),
});

const Rollout = Closed(
  {
    policy: Type.Optional(
      StringEnum(['all-at-once', 'rolling', 'rolling-with-additional-batch', 'immutable', 'traffic-splitting'], {
        default: 'immutable',
        description: 'How instances come to run another application version, and another image.',
      }),
    ),
    batchPercent: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 100,
        description: 'Share of the instances in one batch of a rolling policy.',
      }),
    ),
    newVersionPercent: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 100, description: 'Share of the requests that traffic splitting sends.' }),
    ),
    evaluationMinutes: Type.Optional(Type.Integer({ minimum: 3, maximum: 600 })),
    managedUpdates: Type.Optional(ManagedUpdates),
  },
  { default: {} },
);

export const BeanstalkSchema = Closed(
  {
    environment: Text({
      pattern: '^[A-Za-z0-9](?:[A-Za-z0-9-]{2,38}[A-Za-z0-9])$',
      patternErrorMessage: 'an environment is named by 4 to 40 letters, digits and -',
      description: 'Environment that takes the image.',
    }),
    environmentType: Type.Optional(StringEnum(['LoadBalanced', 'SingleInstance'], { default: 'LoadBalanced' })),
    loadBalancerType: Type.Optional(StringEnum(['application', 'network', 'classic'], { default: 'application' })),
    bundle: Type.Optional(
      Text({ minLength: 1, description: 'Folder with .platform/ and .ebextensions/, to go into the source bundle.' }),
    ),
    rollout: Type.Optional(Rollout),
    optionSettings: Type.Optional(
      Type.Array(
        Closed({
          namespace: Text({
            pattern: '^aws:[a-z0-9:]+$',
            patternErrorMessage: 'a namespace is like "aws:ec2:instances"',
          }),
          optionName: Text({ minLength: 1, maxLength: 100 }),
          value: Text(),
        }),
        { maxItems: 100, description: 'More settings of the environment.' },
      ),
    ),
  },
  { description: 'An Elastic Beanstalk environment that takes the image, for render --target eb-ami.' },
);
