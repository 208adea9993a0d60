import * as sdk from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { clientOptions, startTestSandbox, type TestSandbox } from '../../support/a-sandbox.js';

let test: TestSandbox;
beforeEach(async () => {
  test = await startTestSandbox();
});
afterEach(() => test.sandbox.close());

describe('versions of a parameter', () => {
  it('are read by number, by label, and all together', async () => {
    await put('one');
    await put('two');
    await test.ssm.send(
      new sdk.LabelParameterVersionCommand({ Name: '/acme/web', ParameterVersion: 1, Labels: ['stable', '1st'] }),
    );

    const byNumber = await get('/acme/web:1');
    const byLabel = await get('/acme/web:stable');
    const newest = await get('/acme/web');
    const history = await test.ssm.send(new sdk.GetParameterHistoryCommand({ Name: '/acme/web' }));

    expect(byNumber).toMatchObject({ Value: 'one', Version: 1, Selector: ':1' });
    expect(byLabel).toMatchObject({ Value: 'one', Selector: ':stable' });
    expect(newest).toMatchObject({ Value: 'two', Version: 2 });
    expect(history.Parameters?.map(({ Value, Labels }) => [Value, Labels])).toEqual([
      ['one', ['stable']],
      ['two', []],
    ]);
    await expect(get('/acme/web:3')).rejects.toMatchObject({ name: 'ParameterVersionNotFound' });
    const several = await test.ssm.send(new sdk.GetParametersCommand({ Names: ['/acme/web:2', '/acme/web:lost'] }));
    expect(several).toMatchObject({ Parameters: [{ Value: 'two' }], InvalidParameters: ['/acme/web:lost'] });
  });

  it('hold a label once: it moves', async () => {
    await put('one');
    await put('two');
    for (const ParameterVersion of [1, 2]) {
      const label = { Name: '/acme/web', ParameterVersion, Labels: ['stable'] };
      await test.ssm.send(new sdk.LabelParameterVersionCommand(label));
    }

    expect((await get('/acme/web:stable')).Value).toBe('two');
    await test.ssm.send(
      new sdk.UnlabelParameterVersionCommand({ Name: '/acme/web', ParameterVersion: 2, Labels: ['stable'] }),
    );
    await expect(get('/acme/web:stable')).rejects.toMatchObject({ name: 'ParameterVersionNotFound' });
  });

  it('are kept up to a hundred, the oldest not when it has a label', async () => {
    await put('0');
    for (let index = 1; index <= 100; index += 1) await put(String(index));
    await expect(get('/acme/web:1')).rejects.toMatchObject({ name: 'ParameterVersionNotFound' });
    await test.ssm.send(
      new sdk.LabelParameterVersionCommand({ Name: '/acme/web', ParameterVersion: 2, Labels: ['stable'] }),
    );

    await expect(put('more')).rejects.toMatchObject({ name: 'ParameterMaxVersionLimitExceeded' });

    expect((await get('/acme/web')).Version).toBe(101);
  });
});

describe('a parameter that names an image', () => {
  it('is written when the image is there', async () => {
    await put(test.sourceAmi, { DataType: 'aws:ec2:image' });

    expect(await get('/acme/web')).toMatchObject({ Value: test.sourceAmi, DataType: 'aws:ec2:image' });
  });

  it('gets a version and is not written when it is not', async () => {
    await put(test.sourceAmi, { DataType: 'aws:ec2:image' });

    const { Version } = await put('ami-00000000000000000');

    expect(Version).toBe(2);
    expect(await get('/acme/web')).toMatchObject({ Value: test.sourceAmi, Version: 1 });
    expect(test.log.join('\n')).toContain('parameter /acme/web is not written');
  });

  it('is refused for what is no image id', async () => {
    const refused = put('debian', { DataType: 'aws:ec2:image' });

    await expect(refused).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('PutParameter', () => {
  it.each<[string, Partial<sdk.PutParameterCommandInput>, string]>([
    ['a reserved name', { Name: '/aws/web' }, 'AccessDeniedException'],
    ['a name that begins with ssm', { Name: 'ssm-web' }, 'ValidationException'],
    ['a path without a slash in front', { Name: 'acme/web' }, 'ValidationException'],
    ['an empty part of a path', { Name: '/acme//web' }, 'ValidationException'],
    ['sixteen levels', { Name: '/a'.repeat(16) }, 'HierarchyLevelLimitExceededException'],
    ['a value that is too long for its tier', { Value: 'x'.repeat(4097) }, 'ValidationException'],
    ['a value that does not match', { AllowedPattern: '^\\d+$' }, 'ParameterPatternMismatchException'],
    ['a pattern that is none', { AllowedPattern: '(' }, 'InvalidAllowedPatternException'],
    ['tags while overwriting', { Tags: [{ Key: 'a', Value: 'b' }], Overwrite: true }, 'ValidationException'],
    ['a data type that is none', { DataType: 'aws:ec2:image2' }, 'ValidationException'],
  ])('refuses %s', async (_what, changes, code) => {
    const input = { Name: '/acme/web', Value: 'one', Type: 'String', ...changes } as const;

    await expect(test.ssm.send(new sdk.PutParameterCommand(input))).rejects.toMatchObject({ name: code });
  });

  it('keeps the type of a parameter and its higher tier', async () => {
    const long = await put('x'.repeat(5000), { Tier: 'Intelligent-Tiering' });

    expect(long.Tier).toBe('Advanced');
    await expect(put('one', { Type: 'SecureString' })).rejects.toMatchObject({
      name: 'HierarchyTypeMismatchException',
    });
    await expect(put('one', { Tier: 'Standard' })).rejects.toMatchObject({ name: 'ValidationException' });
    expect((await put('one')).Tier).toBe('Advanced');
  });
});

describe('many parameters', () => {
  it('are described by filters, page by page', async () => {
    await put('one', { Description: 'first' });
    await put('a,b', { Name: '/acme/list', Type: 'StringList' });
    await put('two', { Name: '/other/web' });

    const below = await describeParameters([{ Key: 'Path', Option: 'Recursive', Values: ['/acme'] }]);
    const named = await describeParameters([{ Key: 'Name', Option: 'Contains', Values: ['web'] }]);
    const lists = await describeParameters([{ Key: 'Type', Values: ['StringList'] }]);
    const first = await test.ssm.send(new sdk.DescribeParametersCommand({ MaxResults: 2 }));
    const rest = await test.ssm.send(new sdk.DescribeParametersCommand({ NextToken: first.NextToken }));

    expect([below, named, lists]).toEqual([['/acme/list', '/acme/web'], ['/acme/web', '/other/web'], ['/acme/list']]);
    expect(first.Parameters).toHaveLength(2);
    expect(first.Parameters?.[1]).toMatchObject({ Name: '/acme/web', Description: 'first', Version: 1 });
    expect(rest).toMatchObject({ Parameters: [{ Name: '/other/web' }] });
    await expect(describeParameters([{ Key: 'Colour', Values: ['red'] }])).rejects.toMatchObject({
      name: 'InvalidFilterKey',
    });
  });

  it('are deleted together, and those that were not there are named', async () => {
    await put('one');

    const answer = await test.ssm.send(new sdk.DeleteParametersCommand({ Names: ['/acme/web', '/lost'] }));

    expect(answer).toMatchObject({ DeletedParameters: ['/acme/web'], InvalidParameters: ['/lost'] });
  });

  it('are of their region', async () => {
    await put('one');
    const west = new sdk.SSMClient(clientOptions(test.sandbox, 'us-west-2'));

    const missing = west.send(new sdk.GetParameterCommand({ Name: '/acme/web' }));

    await expect(missing).rejects.toMatchObject({ name: 'ParameterNotFound' });
  });
});

describe('tags of parameters', () => {
  it('are given at creation or later, listed, searched for and removed', async () => {
    await test.ssm.send(
      new sdk.PutParameterCommand({
        Name: '/acme/web',
        Value: 'one',
        Type: 'String',
        Tags: [{ Key: 'team', Value: 'web' }],
      }),
    );
    const resource = { ResourceType: 'Parameter', ResourceId: '/acme/web' } as const;
    await test.ssm.send(new sdk.AddTagsToResourceCommand({ ...resource, Tags: [{ Key: 'stage', Value: 'beta' }] }));
    await put('two');

    const { TagList } = await test.ssm.send(new sdk.ListTagsForResourceCommand(resource));
    await test.ssm.send(new sdk.RemoveTagsFromResourceCommand({ ...resource, TagKeys: ['stage'] }));

    expect(TagList).toEqual([
      { Key: 'team', Value: 'web' },
      { Key: 'stage', Value: 'beta' },
    ]);
    expect(await describeParameters([{ Key: 'tag:team', Values: ['web'] }])).toEqual(['/acme/web']);
    expect(await describeParameters([{ Key: 'tag:stage', Values: [] }])).toEqual([]);
    const lost = test.ssm.send(new sdk.ListTagsForResourceCommand({ ...resource, ResourceId: '/lost' }));
    await expect(lost).rejects.toMatchObject({ name: 'InvalidResourceId' });
  });
});

/** Makes `/acme/web` or overwrites it. */
async function put(Value: string, changes: Partial<sdk.PutParameterCommandInput> = {}) {
  const input = { Name: '/acme/web', Value, Overwrite: true, ...changes };
  const existing = await test.ssm.send(new sdk.GetParametersCommand({ Names: [input.Name] }));
  const isNew = existing.Parameters?.length === 0;
  return await test.ssm.send(new sdk.PutParameterCommand({ ...(isNew ? { Type: 'String' } : {}), ...input }));
}

async function get(Name: string): Promise<sdk.Parameter> {
  return (await test.ssm.send(new sdk.GetParameterCommand({ Name }))).Parameter ?? {};
}

async function describeParameters(ParameterFilters: sdk.ParameterStringFilter[]) {
  const { Parameters = [] } = await test.ssm.send(new sdk.DescribeParametersCommand({ ParameterFilters }));
  return Parameters.map(({ Name }) => Name);
}
