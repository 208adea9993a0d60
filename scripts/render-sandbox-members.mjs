// The part of docs/sandbox-api.md that is made from the rows of the sandbox's actions: what they accept without effect, and
// what they refuse.
import { loadModule } from './load-module.mjs';

const BEGIN = '<!-- members: made by `npm run docs` from the tables in the code; do not edit -->';
const END = '<!-- end of members -->';

/** The page with its part between the two marks made anew. */
export async function renderSandboxMembers(page) {
  const [before, rest] = splitAt(page, BEGIN);
  const [, after] = splitAt(rest, END);
  const { SERVICES } = await loadModule('src/sandbox/server/service-table.ts');
  const { listMembers } = await loadModule('src/sandbox/members/list-members.ts');
  const actions = [...SERVICES.values()].flatMap(({ operations }) =>
    [...operations.values()].map(({ name, input, members }) => ({ name, members: listMembers(input, members) })),
  );
  const idle = actions.flatMap(({ name, members }) => renderIdle(name, members));
  const refused = actions.flatMap(({ name, members }) => renderRefused(name, members));
  const { IDLE_OPTIONS } = await loadModule('src/sandbox/elastic-beanstalk/option-settings.ts');
  const part = [
    BEGIN,
    '',
    '| action | accepted without effect, and why |',
    '|---|---|',
    ...idle,
    '',
    '| action | refused: the sandbox does not have it |',
    '|---|---|',
    ...refused,
    '',
    '### Settings without effect',
    '',
    'Settings of Elastic Beanstalk that an environment accepts and shows again. Each has values that it is held against; any other',
    'setting is refused as unknown.',
    '',
    '| namespace | settings |',
    '|---|---|',
    ...Object.entries(IDLE_OPTIONS).map(([namespace, options]) => renderOptions(namespace, options)),
    '',
    END,
  ];
  return `${before}${part.join('\n')}${after}`;
}

function renderOptions(namespace, options) {
  const names = Object.entries(options).map(([name, accepted]) =>
    Array.isArray(accepted) ? `\`${name}\` (${accepted.join(', ')})` : `\`${name}\``,
  );
  return `| \`${namespace}\` | ${names.join(', ')} |`;
}

function splitAt(text, mark) {
  const index = text.indexOf(mark);
  if (index < 0) throw new Error(`docs/sandbox-api.md has lost its mark ${mark}`);
  return [text.slice(0, index), text.slice(index + mark.length)];
}

function renderIdle(name, members) {
  const reasons = new Map();
  for (const { path, rule } of members) {
    const { why, values } = rule.rule === 'without effect' ? { why: rule.why } : (rule.idle ?? {});
    if (why === undefined) continue;
    const text = values === undefined ? `\`${path}\`` : `\`${path}\` (${values.join(', ')})`;
    reasons.set(why, [...(reasons.get(why) ?? []), text]);
  }
  if (reasons.size === 0) return [];
  const cells = [...reasons].map(([why, paths]) => `${paths.join(', ')}: ${why}`);
  return [`| ${name} | ${cells.join('. ')} |`];
}

function renderRefused(name, members) {
  const paths = members.filter(({ rule }) => rule.rule === 'refused').map(({ path }) => path);
  const others = members.filter(({ rule }) => rule.rule !== 'refused').map(({ path }) => path);
  // Of a structure that is refused as a whole, its own name is enough.
  const shown = new Set(paths.map((path) => shortest(path, others)));
  return shown.size === 0 ? [] : [`| ${name} | ${[...shown].map((path) => `\`${path}\``).join(', ')} |`];
}

function shortest(path, others) {
  const parts = path.split('.');
  const prefixes = parts.map((_, index) => parts.slice(0, index + 1).join('.'));
  return prefixes.find((prefix) => !others.some((other) => other === prefix || other.startsWith(`${prefix}.`)));
}
