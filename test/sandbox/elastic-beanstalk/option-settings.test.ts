import {
  CreateApplicationCommand,
  CreateEnvironmentCommand,
  type CreateEnvironmentCommandInput,
  DescribeConfigurationSettingsCommand,
  ElasticBeanstalkClient,
  UpdateEnvironmentCommand,
} from '@aws-sdk/client-elastic-beanstalk';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { assertOptionSettings } from '../../../src/sandbox/elastic-beanstalk/option-settings.js';
import { clientOptions, startTestSandbox, type TestSandbox } from '../../support/a-sandbox.js';

type Platform = Parameters<typeof assertOptionSettings>[1]['platform'];

const GREETING = { namespace: 'aws:elasticbeanstalk:container:custom:application', name: 'GREETING', value: 'hello' };
const PLATFORM = {
  definition: { metadata: {}, optionDefinitions: [{ ...GREETING, description: '' }], optionSettings: [] },
} as unknown as Platform;

describe('settings of an environment', () => {
  it.each<[string, string, string]>([
    ['aws:elasticbeanstalk:command', 'DeploymentPolicy', 'Immutable'],
    ['aws:elasticbeanstalk:application:environment', 'ANYTHING', 'at all'],
    [GREETING.namespace, GREETING.name, 'hi'],
    ['aws:elasticbeanstalk:environment', 'EnvironmentType', 'SingleInstance'],
    ['aws:autoscaling:asg', 'MinSize', '1'],
  ])('are taken: %s %s=%s', (Namespace, OptionName, Value) => {
    expect(() => assert({ Namespace, OptionName, Value }, true)).not.toThrow();
  });

  it.each<[string, string, string]>([
    ['aws:elasticbeanstalk:command', 'DeploymentPolicy', 'Nonsense'],
    ['aws:elasticbeanstalk:command', 'DeploymentPolicies', 'Immutable'],
    ['aws:elasticbeanstalk:nonsense', 'DeploymentPolicy', 'Immutable'],
    ['aws:autoscaling:asg', 'MinSize', 'many'],
    ['aws:elasticbeanstalk:environment', 'EnvironmentType', 'Some'],
    [GREETING.namespace, 'FAREWELL', 'bye'],
    ['constructor', 'name', 'x'],
  ])('are refused: %s %s=%s', (Namespace, OptionName, Value) => {
    expect(() => assert({ Namespace, OptionName, Value }, false)).toThrow(
      expect.objectContaining({ code: 'InvalidParameterValue', message: expect.stringContaining(OptionName) }),
    );
  });

  it.each(['ImageId', 'InstanceType'])('choose %s when the environment is made, and not afterwards', (OptionName) => {
    const Value = OptionName === 'ImageId' ? 'ami-00000000000000001' : 't3.large';
    const setting = { Namespace: 'aws:autoscaling:launchconfiguration', OptionName, Value };

    expect(() => assert(setting, false)).not.toThrow();
    expect(() => assert(setting, true)).toThrow(`${OptionName} is for its creation alone`);
  });
});

describe('CreateEnvironment and UpdateEnvironment', () => {
  let test: TestSandbox;
  let eb: ElasticBeanstalkClient;
  beforeEach(async () => {
    test = await startTestSandbox();
    eb = new ElasticBeanstalkClient(clientOptions(test.sandbox, 'us-east-1'));
  });
  afterEach(async () => {
    eb.destroy();
    await test.sandbox.close();
  });

  it.each<[string, Partial<CreateEnvironmentCommandInput>, string]>([
    ['an application that is not there', { ApplicationName: 'nobody' }, "No Application named 'nobody' found."],
    ['a platform that is not there', { PlatformArn: 'arn:nobody' }, "No Platform named 'arn:nobody' found."],
    ['a solution stack', { SolutionStackName: '64bit Amazon Linux' }, 'custom platforms only'],
    ['a worker', { Tier: { Name: 'Worker', Type: 'SQS/HTTP' } }, 'parameter Tier.Name is invalid'],
  ])('refuse %s', async (_what, changes, message) => {
    await eb.send(new CreateApplicationCommand({ ApplicationName: 'shop', Description: 'sells' }));
    const create = new CreateEnvironmentCommand({ ApplicationName: 'shop', EnvironmentName: 'shop-test', ...changes });

    await expect(eb.send(create)).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: expect.stringContaining(message),
    });
  });

  it('refuse an environment that is not there', async () => {
    const names = { ApplicationName: 'shop', EnvironmentName: 'nobody' };

    for (const command of [new UpdateEnvironmentCommand(names), new DescribeConfigurationSettingsCommand(names)]) {
      await expect(eb.send(command as UpdateEnvironmentCommand)).rejects.toMatchObject({
        name: 'InvalidParameterValue',
        message: "No Environment found for EnvironmentName = 'nobody'.",
      });
    }
  });
});

function assert(setting: { Namespace: string; OptionName: string; Value: string }, isLaunched: boolean): void {
  assertOptionSettings([setting], { platform: PLATFORM, isLaunched });
}
