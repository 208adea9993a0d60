import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ebsOperations } from '../../../src/sandbox/ebs/operations.js';
import { ec2Operations } from '../../../src/sandbox/ec2/operations.js';
import { elasticBeanstalkOperations } from '../../../src/sandbox/elastic-beanstalk/operations.js';
import { iamOperations } from '../../../src/sandbox/iam/operations.js';
import { kmsOperations } from '../../../src/sandbox/kms/operations.js';
import { logsOperations } from '../../../src/sandbox/logs/operations.js';
import { S3_OPERATIONS } from '../../../src/sandbox/s3/route.js';
import { ssmOperations } from '../../../src/sandbox/ssm/operations.js';
import { stsOperations } from '../../../src/sandbox/sts/operations.js';

const TABLES = [
  ec2Operations,
  ssmOperations,
  kmsOperations,
  iamOperations,
  logsOperations,
  elasticBeanstalkOperations,
  ebsOperations,
];

describe('docs/sandbox-api.md', () => {
  it('has every action that the sandbox speaks', () => {
    const page = readFileSync('docs/sandbox-api.md', 'utf8').replace('…Egress', 'AuthorizeSecurityGroupEgress');
    const actions = [...TABLES.flatMap((table) => [...table.keys()]), ...stsOperations.keys(), ...S3_OPERATIONS];

    const missing = actions.filter((action) => !new RegExp(`\\b${action}\\b`).test(page));

    expect(missing).toEqual([]);
  });

  it('has no action that the sandbox does not speak', () => {
    const rows = readFileSync('docs/sandbox-api.md', 'utf8').matchAll(/^\| ([A-Z][A-Za-z, …]+) \|/gm);
    const named = [...rows].flatMap(([, cell = '']) => cell.split(', ')).filter((name) => !name.startsWith('…'));

    const unknown = named.filter((name) => !TABLES.some((table) => table.has(name)) && !S3_OPERATIONS.includes(name));

    expect(unknown).toEqual([]);
  });
});
