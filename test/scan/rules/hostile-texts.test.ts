// What a file may cost is what a plain file of its size costs on the same machine, times a constant. A pattern that takes
// the square of the size takes thousands of times as long.
import { describe, expect, it } from '@jest/globals';
import { ruleGroups } from '../../../src/scan/rules/catalogue.js';
import type { RuleContext } from '../../../src/scan/rules/context.js';
import { createRuleContext } from '../../../src/scan/rules/context.js';
import type { RuleGroup } from '../../../src/scan/rules/rule.js';
import { contentRules } from '../../../src/scan/rules/secrets/content.js';
import { inspectText } from '../../../src/scan/rules/secrets/inspect-text.js';
import { measureCpuMs } from '../../hostile/measure.js';
import { listPathsOfRules } from '../../hostile/paths.js';
import { aPlainText, listHostileTexts } from '../../hostile/texts.js';
import { aMemoryTree } from '../../support/memory-tree.js';

const MIB = 1024 * 1024;
const LENGTH = MIB / 8;
/** Lines, settings and findings cost more than the words of a plain text; the square of LENGTH is far above. */
const FACTOR = 30;

const paths = listPathsOfRules().filter((path, _, all) => !all.some((other) => other.startsWith(`${path}/`)));
// Looks at every file by the same few detectors: below.
const groups = ruleGroups.filter((group) => group !== contentRules);

function aContext(text: string): RuleContext {
  const tree = aMemoryTree(Object.fromEntries(paths.map((path) => [path, text])));
  return createRuleContext({ tree, policy: 'marketplace', now: new Date('2026-01-01') });
}

async function evaluate(group: RuleGroup, context: RuleContext): Promise<number> {
  let faults = 0;
  for await (const _ of group.evaluate(context)) faults += 1;
  return faults;
}

async function measureGroups(text: string): Promise<ReadonlyMap<string, number>> {
  const context = aContext(text);
  const costs = new Map<string, number>();
  const views = ['accounts', 'osRelease', 'cloud', 'sshd', 'packages', 'units'] as const;
  for (const view of views) costs.set(view, await measureCpuMs(async () => await context[view]()));
  for (const group of groups) {
    costs.set(group.checks[0]?.id ?? '', await measureCpuMs(async () => await evaluate(group, context)));
  }
  return costs;
}

describe('the rules of the scan', () => {
  it('cost of every hostile text what a plain one costs, times a constant', async () => {
    await measureGroups(aPlainText(LENGTH));
    const plain = await measureGroups(aPlainText(LENGTH));
    const all = [...plain.values()].reduce((sum, cost) => sum + cost, 0);
    const slow: string[] = [];

    for (const { kind, text } of listHostileTexts(LENGTH)) {
      for (const [group, cost] of await measureGroups(text)) {
        const limit = FACTOR * (plain.get(group) ?? 0) + 4 * all;
        if (cost > limit) slow.push(`${group} on ${kind}: ${Math.round(cost)} ms, ${Math.round(limit)} allowed`);
      }
    }

    expect(slow).toEqual([]);
  }, 600_000);

  it('look for secrets in a MiB of every hostile text for what a plain one costs, times a constant', async () => {
    const places = ['/etc/default/app', '/srv/app/run.sh', '/root/.aws/config'];
    const inspect = (text: string) => places.flatMap((path) => [...inspectText({ path, text, home: '/root' })]);
    await measureCpuMs(() => inspect(aPlainText(MIB)));
    const plain = await measureCpuMs(() => inspect(aPlainText(MIB)));
    const slow: string[] = [];

    for (const { kind, text } of listHostileTexts(MIB)) {
      const cost = await measureCpuMs(() => inspect(text));
      if (cost > FACTOR * plain) slow.push(`${kind}: ${Math.round(cost)} ms, ${Math.round(FACTOR * plain)} allowed`);
    }

    expect(slow).toEqual([]);
  }, 600_000);

  it('name a line of which they read the beginning only, and find what stands in it and behind it', async () => {
    const text = `root:x:0:0::/root:/bin/sh ${' '.repeat(MIB)}\nspare:x:0:0::/:/bin/sh\n`;
    const context = createRuleContext({
      tree: aMemoryTree({ '/etc/passwd': text, '/etc/shadow': '' }),
      policy: 'marketplace',
      now: new Date('2026-01-01'),
    });

    const { users } = await context.accounts();

    expect(users.map(({ name }) => name)).toEqual(['root', 'spare']);
    expect(context.gaps).toEqual([
      { path: '/etc/passwd', reason: 'only the first 65536 characters of line 1 were read' },
    ]);
  });
});
