import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ebsOperations } from '../../../src/sandbox/ebs/operations.js';
import { ec2Operations } from '../../../src/sandbox/ec2/operations.js';
import { ssmOperations } from '../../../src/sandbox/ssm/operations.js';
import { stsOperations } from '../../../src/sandbox/sts/operations.js';

describe('docs/sandbox-api.md', () => {
  it('has every action that the sandbox speaks', () => {
    const page = readFileSync('docs/sandbox-api.md', 'utf8').replace('…Egress', 'AuthorizeSecurityGroupEgress');
    const actions = [
      ...ec2Operations.keys(),
      ...ssmOperations.keys(),
      ...stsOperations.keys(),
      ...ebsOperations.keys(),
    ];

    const missing = actions.filter((action) => !new RegExp(`\\b${action}\\b`).test(page));

    expect(missing).toEqual([]);
  });

  it('has no action that the sandbox does not speak', () => {
    const rows = readFileSync('docs/sandbox-api.md', 'utf8').matchAll(/^\| ([A-Z][A-Za-z, …]+) \|/gm);
    const named = [...rows].flatMap(([, cell = '']) => cell.split(', ')).filter((name) => !name.startsWith('…'));

    const unknown = named.filter(
      (name) => ![ec2Operations, ssmOperations, ebsOperations].some((table) => table.has(name)),
    );

    expect(unknown).toEqual([]);
  });
});
