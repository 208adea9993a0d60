import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listStrayRows } from '../../../src/sandbox/members/list-members.js';
import { SERVICES } from '../../../src/sandbox/server/service-table.js';
import { startTestSandbox, type TestSandbox } from '../../support/a-sandbox.js';
import {
  ACTION_MEMBERS,
  ACTIONS,
  type ActionMember,
  type ActionSender,
  inputWith,
  openActionSender,
} from '../../support/sdk-actions.js';

let test: TestSandbox;
let sender: ActionSender;
beforeAll(async () => {
  test = await startTestSandbox();
  sender = openActionSender(test);
});
afterAll(async () => {
  sender.close();
  await test.sandbox.close();
});

describe('the members of every action', () => {
  it.each(ACTIONS)('are what the rows of $service $operation.name are about', ({ operation }) => {
    expect(listStrayRows(operation.input, operation.members)).toEqual([]);
  });

  it('are refused over the wire when they have no row', async () => {
    const accepted: string[] = [];
    const refused = ACTION_MEMBERS.filter(({ member }) => member.rule.rule === 'refused');
    for (const { member, ...action } of refused) {
      const row = member.rule;
      const answer = await answerOf({ ...action, member }, undefined);
      const code = 'code' in row ? row.code : SERVICES.get(action.service)?.refusals.parameter;
      const isTold = 'message' in row ? answer.message === row.message : namesMember(answer, member.path);
      if (answer.name !== code || !isTold) accepted.push(`${nameOf({ ...action, member })}: ${answer.name}`);
    }

    expect(accepted).toEqual([]);
    expect(refused.length).toBeGreaterThan(100);
  });

  it('are refused over the wire with a value that is not in their row', async () => {
    const accepted: string[] = [];
    const limited = ACTION_MEMBERS.filter(({ member }) => 'values' in member.rule && member.rule.values !== undefined);
    for (const each of limited) {
      const answer = await answerOf(each, wrongValue(each));
      const code = SERVICES.get(each.service)?.refusals.value;
      const isTold = answer.message.includes(`for parameter ${each.member.path} is invalid`);
      if (answer.name !== code || !isTold) accepted.push(`${nameOf(each)}: ${answer.name}`);
    }

    expect(accepted).toEqual([]);
    expect(limited.length).toBeGreaterThan(50);
  });

  it('are in docs/sandbox-api.md when they are accepted without effect', () => {
    const page = readFileSync('docs/sandbox-api.md', 'utf8');
    const rows = page.slice(page.indexOf('| accepted without effect')).split('\n');
    const idle = ACTION_MEMBERS.filter(
      ({ member: { rule } }) => rule.rule === 'without effect' || (rule.rule === 'done' && rule.idle !== undefined),
    );

    const missing = idle.filter(
      ({ operation, member }) =>
        !rows.some((row) => row.startsWith(`| ${operation.name} |`) && row.includes(`\`${member.path}\``)),
    );

    expect(missing.map(nameOf)).toEqual([]);
  });
});

interface Answer {
  readonly name: string;
  readonly message: string;
}

async function answerOf({ member, ...action }: ActionMember, value: unknown): Promise<Answer> {
  try {
    await sender.send(action, inputWith(action.operation, member.path, value));
    return { name: 'accepted', message: '' };
  } catch (error) {
    return error as Answer;
  }
}

/** The message names the member, or the whole structure that it is in. */
function namesMember({ message }: Answer, path: string): boolean {
  const [, named] = /parameter (\S+) of /.exec(message) ?? [];
  return named !== undefined && `${path}.`.startsWith(`${named}.`);
}

function wrongValue({ member: { schema, rule } }: ActionMember): unknown {
  if (!schema.isBooleanSchema()) return schema.isNumericSchema() ? 4711 : 'nonsense';
  return !('values' in rule && rule.values?.includes(true));
}

function nameOf({ operation, member }: ActionMember): string {
  return `${operation.name} ${member.path}`;
}
