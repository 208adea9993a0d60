// Writes the reference pages that are made from the tables in the code: docs/errors.md, docs/events.md, docs/checks.md,
// docs/permissions.md and docs/provisioners.md; the tables of members in docs/sandbox-api.md; and platform.yaml from examples/eb-node. `--check` writes nothing and exits 1 when one is stale.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { loadModule } from './load-module.mjs';
import { ROOT } from './prepare.mjs';
import { renderSandboxMembers } from './render-sandbox-members.mjs';

const EXIT_MEANINGS = {
  1: 'a bug in buildimg',
  2: 'usage or config',
  3: 'something needed is missing',
  4: 'build failed, nothing left behind',
  5: 'policy findings',
  6: 'something was left behind',
  130: 'interrupted, cleaned up',
};

const pages = {
  'docs/errors.md': await renderErrors(),
  'docs/events.md': renderEvents(),
  'docs/permissions.md': await renderPermissions(),
  'docs/provisioners.md': renderProvisioners(),
  'docs/sandbox-api.md': await renderSandboxMembers(read('docs/sandbox-api.md')),
  ...(await renderChecks()),
  'platform.yaml': await renderPlatform(),
};
const stale = Object.entries(pages).filter(([file, text]) => !existsSync(join(ROOT, file)) || read(file) !== text);
if (process.argv.includes('--check')) {
  for (const [file] of stale) process.stderr.write(`${file} is stale: run npm run docs\n`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const [file, text] of stale) writeFileSync(join(ROOT, file), text);
}

async function renderErrors() {
  const { errors } = await loadModule('src/errors.ts');
  const rows = Object.entries(errors)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([code, error]) =>
        `| \`${code}\` | ${error.exit} | ${cell(sample(error.message))} | ${cell(sample(error.hint))} |`,
    );
  const meanings = Object.entries(EXIT_MEANINGS).map(([code, meaning]) => `${code} ${meaning}`);
  return page('Errors', [
    `Every error has a code, says what happened, and what to do. Exit codes: 0 done · ${meanings.join(' · ')}.`,
    '',
    '| code | exit | what happened | what to do |',
    '|---|---|---|---|',
    ...rows,
  ]);
}

function renderEvents() {
  const source = read('src/events.ts');
  const body = /interface EventPayloads \{([\s\S]*?)\n\}/.exec(source)?.[1] ?? '';
  const rows = [...body.matchAll(/'([a-z.-]+)': \{([\s\S]*?)\};/g)].map(([, name, fields]) => {
    const text = fields
      .replace(/readonly /g, '')
      .replace(/\s+/g, ' ')
      .trim();
    return `| \`${name}\` | \`${text.replaceAll('|', '\\|')}\` |`;
  });
  return page('Events', [
    '`--events ndjson` prints one JSON object a line on stderr: `name`, `time` (ISO 8601) and the fields of the event.',
    '',
    '| event | fields |',
    '|---|---|',
    ...rows,
  ]);
}

async function renderPermissions() {
  const { grants } = await loadModule('src/iam/grants.ts');
  const rows = grants.map(({ sid, why, actions, builder }) => {
    const names = actions.map((action) => `\`${action}\``).join(', ');
    return `| \`${sid}\` | ${builder ?? 'both'} | ${names} | ${cell(why)} |`;
  });
  return page('Permissions', [
    'Every statement that `buildimg iam-policy` may print, and why. Which of them it prints, and for which resources, the config',
    'says: [iam.md](iam.md).',
    '',
    '| statement | builder | actions | why |',
    '|---|---|---|---|',
    ...rows,
  ]);
}

function renderProvisioners() {
  const names = readdirSync(join(ROOT, 'provisioners')).filter((name) => existsSync(manifestFile(name)));
  const sections = names.flatMap((name) => {
    const manifest = parse(readFileSync(manifestFile(name), 'utf8'));
    const options = Object.entries(manifest.options.properties ?? {}).map(([key, schema]) => {
      const type = schema.enum ? schema.enum.join(' \\| ') : describeType(schema);
      return `| \`${key}\` | ${type} | ${'default' in schema ? `\`${JSON.stringify(schema.default)}\`` : ''} | ${cell(schema.description ?? '')} |`;
    });
    const table =
      options.length === 0
        ? ['No options.']
        : ['| option | type | default | meaning |', '|---|---|---|---|', ...options];
    return [
      `## ${name}`,
      '',
      `${manifest.summary.replace(/\.$/, '')}. More: [provisioners/${name}](../provisioners/${name}/README.md).`,
      '',
      ...table,
      '',
    ];
  });
  return page('Provisioners', sections.slice(0, -1));
}

async function renderChecks() {
  if (!existsSync(join(ROOT, 'src/scan/rules/catalogue.ts'))) return {};
  const { allChecks } = await loadModule('src/scan/rules/catalogue.ts');
  const sections = allChecks.flatMap((check) => [
    `## ${check.id} ${check.title}`,
    '',
    `Severity: ${[check.severity, ...Object.entries(check.severityIn ?? {}).map(([policy, severity]) => `${severity} under ${policy}`)].join(', ')}. Policies: ${check.policies.join(', ')}. Source: ${check.source}.`,
    '',
    check.why,
    '',
    `**Remedy.** ${check.remedy}`,
    '',
  ]);
  return { 'docs/checks.md': page('Checks', sections.slice(0, -1)) };
}

async function renderPlatform() {
  const { loadConfig } = await loadModule('src/config/load-config.ts');
  const { loadTextTemplates } = await loadModule('src/build/load-templates.ts');
  const { renderPlatformYaml } = await loadModule('src/render/platform-yaml.ts');
  const { images, root } = await loadConfig({ file: join(ROOT, 'examples/eb-node/buildimg.yaml'), environment: {} });
  const [{ name, platform }] = images;
  return renderPlatformYaml(name, platform, await loadTextTemplates(root)).content.text;
}

function describeType(schema) {
  if (schema.type === 'array') return `list of ${describeType(schema.items)}s`;
  if (schema.type === 'object') return 'map of strings';
  return schema.format === 'path' ? 'path' : schema.type;
}

/** A message with its parameters shown as `<name>`. */
function sample(text) {
  if (typeof text !== 'function') return text ?? '';
  const names = /^(?:async\s*)?\(?([^)=]*)\)?\s*=>/.exec(text.toString())?.[1]?.split(',') ?? [];
  const placeholders = names.map((name) => `<${name.split(/[=:]/)[0].trim()}>`);
  try {
    return text(...placeholders);
  } catch {
    return text(...placeholders.map((placeholder) => [placeholder]));
  }
}

function page(title, lines) {
  return `${[`# ${title}`, '', '<!-- Made by `npm run docs` from the tables in the code; do not edit. -->', '', ...lines].join('\n')}\n`;
}

function cell(text) {
  return String(text).replaceAll('<', '&lt;').replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function manifestFile(name) {
  return join(ROOT, 'provisioners', name, 'provisioner.yaml');
}

function read(file) {
  return readFileSync(join(ROOT, file), 'utf8');
}
