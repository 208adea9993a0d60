// The few operations of KMS that the sandbox has, in the SDK's own form; declared by hand, so that no client of KMS has to
// be installed. https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html

import type { OperationSchema } from '../wire/operation.js';

const NAMESPACE = 'com.amazonaws.kms';
const LIST = 1;
const STRUCTURE = 3;
const OPERATION = 9;
const STRING = 0;
const BOOLEAN = 2;
const NUMBER = 1;
const TIMESTAMP = 4;

type Member = readonly [name: string, schema: unknown];

const aliasEntry = structure('AliasListEntry', [
  ['AliasName', STRING],
  ['AliasArn', STRING],
  ['TargetKeyId', STRING],
]);

const keyMetadata = structure('KeyMetadata', [
  ['AWSAccountId', STRING],
  ['KeyId', STRING],
  ['Arn', STRING],
  ['CreationDate', TIMESTAMP],
  ['Enabled', BOOLEAN],
  ['Description', STRING],
  ['KeyUsage', STRING],
  ['KeyState', STRING],
  ['Origin', STRING],
  ['KeyManager', STRING],
  ['KeySpec', STRING],
  ['MultiRegion', BOOLEAN],
]);

export const createKeySchema = operation('CreateKey', [['Description', STRING]], [['KeyMetadata', () => keyMetadata]]);

export const describeKeySchema = operation('DescribeKey', [['KeyId', STRING]], [['KeyMetadata', () => keyMetadata]], 1);

export const createAliasSchema = operation(
  'CreateAlias',
  [
    ['AliasName', STRING],
    ['TargetKeyId', STRING],
  ],
  [],
  2,
);

export const listAliasesSchema = operation(
  'ListAliases',
  [
    ['KeyId', STRING],
    ['Limit', NUMBER],
    ['Marker', STRING],
  ],
  [
    ['Aliases', [LIST, NAMESPACE, 'AliasList', 0, () => aliasEntry]],
    ['NextMarker', STRING],
    ['Truncated', BOOLEAN],
  ],
);

function structure(name: string, members: readonly Member[], required = 0): readonly unknown[] {
  return [STRUCTURE, NAMESPACE, name, 0, members.map(([member]) => member), members.map(([, type]) => type), required];
}

function operation(name: string, input: readonly Member[], output: readonly Member[], required = 0): OperationSchema {
  const request = structure(`${name}Request`, input, required);
  const response = structure(`${name}Response`, output);
  return [OPERATION, NAMESPACE, name, 0, request, response] as unknown as OperationSchema;
}
