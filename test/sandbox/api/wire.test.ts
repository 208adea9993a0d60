import { Readable } from 'node:stream';
import * as ec2 from '@aws-sdk/client-ec2';
import { describe, expect, it } from '@jest/globals';
import { NormalizedSchema } from '@smithy/core/schema';
import * as fc from 'fast-check';
import { AwsError } from '../../../src/sandbox/wire/aws-error.js';
import { parseFormTree } from '../../../src/sandbox/wire/form-tree.js';
import { readJsonInput } from '../../../src/sandbox/wire/json-codec.js';
import { describeOperation } from '../../../src/sandbox/wire/operation.js';
import { createEc2Protocol, type WireRequest } from '../../../src/sandbox/wire/protocol.js';
import { readQueryInput } from '../../../src/sandbox/wire/query-reader.js';

const protocol = createEc2Protocol('http://ec2.amazonaws.com/doc/2016-11-15/');

const OPERATIONS = [
  { name: 'RunInstances', schema: ec2.RunInstances$, command: ec2.RunInstancesCommand },
  { name: 'CreateImage', schema: ec2.CreateImage$, command: ec2.CreateImageCommand },
  { name: 'DescribeImages', schema: ec2.DescribeImages$, command: ec2.DescribeImagesCommand },
  {
    name: 'AuthorizeSecurityGroupIngress',
    schema: ec2.AuthorizeSecurityGroupIngress$,
    command: ec2.AuthorizeSecurityGroupIngressCommand,
  },
  { name: 'ImportKeyPair', schema: ec2.ImportKeyPair$, command: ec2.ImportKeyPairCommand },
  { name: 'EnableImageDeprecation', schema: ec2.EnableImageDeprecation$, command: ec2.EnableImageDeprecationCommand },
  { name: 'ModifyImageAttribute', schema: ec2.ModifyImageAttribute$, command: ec2.ModifyImageAttributeCommand },
  { name: 'DescribeInstances', schema: ec2.DescribeInstances$, command: ec2.DescribeInstancesCommand },
] as const;

describe('the wire layer', () => {
  it.each(OPERATIONS)('reads any $name request as the SDK writes it', async ({ schema, command }) => {
    const input = NormalizedSchema.of(schema[4]);

    await fc.assert(
      fc.asyncProperty(arbitraryOf(input, 0), async (value) => {
        const body = await captureRequest(command as unknown as AnyCommand, value as object);

        const read = protocol.readInput(describeOperation(schema), aRequest(body));

        expect(toPlain(read)).toEqual(toPlain(value));
      }),
      { numRuns: 40 },
    );
  });

  it.each(OPERATIONS)('writes any $name reply as the SDK reads it', async ({ schema, command }) => {
    const output = NormalizedSchema.of(schema[5]);
    if (output.isUnitSchema()) return;

    await fc.assert(
      fc.asyncProperty(arbitraryOf(output, 0), async (value) => {
        const { body } = protocol.writeOutput(describeOperation(schema), value, 'request-1');

        const read = await replayReply(command as unknown as AnyCommand, String(body));

        expect(toPlain(read)).toEqual(toPlain(value));
      }),
      { numRuns: 40 },
    );
  });

  it('takes empty parameters for absent, as Packer sends them', () => {
    const input = readEc2(
      ec2.RunInstances$,
      'ImageId=ami-1&MinCount=1&MaxCount=1&SubnetId=&Placement.AvailabilityZone=',
    );

    expect(input).toEqual({ ImageId: 'ami-1', MinCount: 1, MaxCount: 1 });
  });

  it.each([
    ['a parameter that nobody knows', 'Nonsense=1', 'UnknownParameter', 'Nonsense'],
    ['an unknown part of a known one', 'MinCount=1&MaxCount=1&Placement.Moon=1', 'UnknownParameter', 'Placement.Moon'],
    ['a list without numbers', 'MinCount=1&MaxCount=1&SecurityGroupId.x=sg-1', 'UnknownParameter', 'SecurityGroupId.x'],
    ['a word where a number belongs', 'MinCount=one&MaxCount=1', 'InvalidParameterValue', 'MinCount'],
    ['a word where a boolean belongs', 'MinCount=1&MaxCount=1&DryRun=maybe', 'InvalidParameterValue', 'DryRun'],
    ['a value where a structure belongs', 'MinCount=1&MaxCount=1&Placement=here', 'InvalidParameterValue', 'Placement'],
    ['a required parameter left out', 'MinCount=1', 'MissingParameter', 'MaxCount'],
  ])('refuses %s', (_what, form, code, name) => {
    const read = () => readEc2(ec2.RunInstances$, form);

    expect(read).toThrow(AwsError);
    expect(read).toThrow(expect.objectContaining({ code, message: expect.stringContaining(name) }));
  });

  it('is not fooled by names that JavaScript objects have', () => {
    expect(() => readEc2(ec2.DescribeImages$, '__proto__.polluted=1')).toThrow(
      expect.objectContaining({ code: 'UnknownParameter' }),
    );
    expect(() => readEc2(ec2.DescribeImages$, 'constructor=1')).toThrow(
      expect.objectContaining({ code: 'UnknownParameter' }),
    );
  });

  it('replaces characters that XML cannot carry', () => {
    const operation = describeOperation(ec2.GetConsoleOutput$);

    const { body } = protocol.writeOutput(operation, { Output: 'a\u0000\u001b<&\ud800b' }, 'r');

    expect(body).toContain('<output>a\ufffd\ufffd&lt;&amp;\ufffdb</output>');
  });

  it('refuses JSON of the wrong shape', async () => {
    const { GetParameter$ } = await import('@aws-sdk/client-ssm');
    const schema = NormalizedSchema.of(GetParameter$[4]);

    expect(() => readJsonInput(schema, '{')).toThrow(expect.objectContaining({ code: 'SerializationException' }));
    expect(() => readJsonInput(schema, '[]')).toThrow(expect.objectContaining({ code: 'SerializationException' }));
    expect(() => readJsonInput(schema, '{"Name":1}')).toThrow(
      expect.objectContaining({ code: 'SerializationException' }),
    );
    expect(() => readJsonInput(schema, '{}')).toThrow(expect.objectContaining({ code: 'ValidationException' }));
  });
});

type AnyCommand = new (input: object) => Parameters<ec2.EC2Client['send']>[0];
type Send = (command: unknown) => Promise<object>;

function aRequest(body: string): WireRequest {
  return { method: 'POST', url: '/', headers: {}, body: Buffer.from(body) };
}

function readEc2(schema: typeof ec2.RunInstances$, form: string): object {
  return readQueryInput(NormalizedSchema.of(schema[4]), parseFormTree(new URLSearchParams(form)), 'ec2');
}

/** Values of a schema that the query protocol can carry: no empty strings, lists or structures, which mean "absent". */
function arbitraryOf(schema: NormalizedSchema, depth: number): fc.Arbitrary<unknown> {
  if (schema.isStructSchema()) return arbitraryStruct(schema, depth);
  if (schema.isListSchema())
    return fc.array(arbitraryOf(schema.getValueSchema(), depth + 1), { minLength: 1, maxLength: 3 });
  if (schema.isBooleanSchema()) return fc.boolean();
  if (schema.isNumericSchema()) return fc.integer();
  if (schema.isTimestampSchema())
    return fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true });
  if (schema.isBlobSchema()) return fc.uint8Array({ minLength: 1, maxLength: 20 });
  // Spaces at the ends are trimmed by the SDK's XML reader.
  return fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => text.trim() === text && !/\p{Cc}/u.test(text));
}

function arbitraryStruct(schema: NormalizedSchema, depth: number): fc.Arbitrary<unknown> {
  const members = [...schema.structIterator()].filter(([, member]) => depth < 5 || isScalar(member));
  const required = (schema.getSchema() as { readonly [6]?: number })[6] ?? 0;
  const kept = members.filter(([, member], index) => index < Math.max(8, required) || member.isIdempotencyToken());
  const always = kept
    .filter(([, member], index) => index < required || member.isIdempotencyToken())
    .map(([name]) => name);
  return fc
    .record(Object.fromEntries(kept.map(([name, member]) => [name, arbitraryOf(member, depth + 1)])), {
      requiredKeys: always as never[],
    })
    .filter((struct) => depth === 0 || Object.keys(struct).length > 0);
}

function isScalar(schema: NormalizedSchema): boolean {
  return !schema.isStructSchema() && !schema.isListSchema() && !schema.isMapSchema();
}

async function captureRequest(command: AnyCommand, input: object): Promise<string> {
  let body = '';
  const client = clientOver(async (request) => {
    body = String(request.body);
    return '<Response/>';
  });
  await (client.send as Send)(new command(input)).catch(() => undefined);
  return body;
}

async function replayReply(command: AnyCommand, xml: string): Promise<object> {
  const client = clientOver(async () => xml);
  const { $metadata: _, ...output } = (await (client.send as Send)(new command({}))) as Record<string, unknown>;
  return output;
}

function clientOver(answer: (request: { readonly body?: unknown }) => Promise<string>): ec2.EC2Client {
  return new ec2.EC2Client({
    region: 'us-east-1',
    endpoint: 'http://127.0.0.1:1',
    credentials: { accessKeyId: 'A', secretAccessKey: 'B' },
    requestHandler: {
      handle: async (request: { readonly body?: unknown }) => ({
        response: { statusCode: 200, headers: {}, body: Readable.from([Buffer.from(await answer(request))]) },
      }),
    } as never,
  });
}

/** Dates and bytes as text, and without members that are undefined. */
function toPlain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, toPlain(member)]));
}
