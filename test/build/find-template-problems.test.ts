import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { findTemplateProblems } from '../../src/build/find-template-problems.js';
import { withTemporaryFolder } from '../support/temporary-folder.js';

describe('findTemplateProblems', () => {
  it.each([
    ['a helper that there is not', 'name: x\n  {{foo bar}}\n', '2:3', 'unknown helper foo'],
    ['a block that is never closed', 'one\n{{#if name}}\n', '3:1', "got 'EOF'"],
    ['a block that another one closes', '{{#each list}}{{/if}}', '1:4', "each doesn't match if"],
  ])('places %s', (_what, text, place, words) =>
    withTemplate('platform.yaml.hbs', text, async (root) => {
      const [problem, ...others] = await findTemplateProblems(root);

      expect(others).toEqual([]);
      expect(problem).toMatchObject({ code: 'TEMPLATE_INVALID', file: join(root, 'templates', 'platform.yaml.hbs') });
      expect(`${problem?.line}:${problem?.column}`).toBe(place);
      expect(problem?.message).toContain(words);
    }),
  );

  it.each([
    ['a template that is one', 'platform.yaml.hbs', '{{#each list}}{{shell this}}{{/each}}'],
    ['a file that replaces none of ours', 'page.hbs', '{{#if'],
  ])('has nothing to say about %s', (_what, name, text) =>
    withTemplate(name, text, async (root) => {
      const problems = await findTemplateProblems(root);

      expect(problems).toEqual([]);
    }),
  );
});

async function withTemplate(name: string, text: string, use: (root: string) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (root) => {
    mkdirSync(join(root, 'templates'));
    writeFileSync(join(root, 'templates', name), text);
    await use(root);
  });
}
