// Writes src/config/generated/: validators compiled from the schema and from every provisioners/NAME/provisioner.yaml,
// the JSON Schema for editors, the types and manifests of the provisioners, each provisioner's scripts as one file, and the
// ids of the scanner's checks. Runs before type check, tests and build, so that the program neither compiles a schema nor
// reads a YAML file of its own when it starts.
// Usage: node scripts/generate.mjs [--provisioners DIR] [--out DIR]
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Ajv } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';
import { parseDocument } from 'yaml';
import { bundleProvisioner } from './bundle-provisioner.mjs';
import { loadModule } from './load-module.mjs';

const repository = fileURLToPath(new URL('..', import.meta.url));
const { values: flags } = parseArgs({
  options: {
    provisioners: { type: 'string', default: path.join(repository, 'provisioners') },
    out: { type: 'string', default: path.join(repository, 'src/config/generated') },
  },
});
/** What templates/eb-platform/builder/ sources; src/plan/plan-platform.ts puts it into the archive. */
const PLATFORM_LIBRARY = ['common.sh', 'distro.sh', 'packages.sh'];
const HEADER = '// Written by scripts/generate.mjs; do not edit.\n';

const { makeConfigSchema, sourceSchemas } = await importSchema();
const manifests = await readManifests(flags.provisioners);
await mkdir(path.join(flags.out, 'provisioners'), { recursive: true });
await write('validators.ts', await compileValidators());
await write('schema-text.ts', `${HEADER}export const schemaText: string = ${JSON.stringify(editorSchemaText())};\n`);
await write('provisioners.ts', provisionersModule());
await writeBundles();
await copyLibrary();
await write('check-ids.ts', await checkIdsModule());

/** The schema is TypeScript; esbuild makes it a module that plain Node can import without a file on disk. */
async function importSchema() {
  const bundle = await bundleToText({ entryPoints: [path.join(repository, 'src/config/schema.ts')] });
  return import(`data:text/javascript;base64,${Buffer.from(bundle).toString('base64')}`);
}

async function readManifests(folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const found = await Promise.all(names.toSorted().map((name) => readManifest(folder, name)));
  return found.filter((manifest) => manifest !== undefined);
}

/** A folder without a provisioner.yaml, such as lib/, is not a provisioner. */
async function readManifest(folder, name) {
  const file = path.join(folder, name, 'provisioner.yaml');
  const text = await readFile(file, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const document = parseDocument(text);
  if (document.errors.length > 0) throw new Error(`${file}: ${document.errors[0].message}`);
  const manifest = document.toJS();
  const expect = (holds, what) => {
    if (!holds) throw new Error(`${file}: ${what}`);
  };
  expect(manifest?.name === name, `name must be "${name}", as the folder`);
  expect(typeof manifest.summary === 'string', 'summary must be a sentence');
  expect(['anywhere', 'last'].includes(manifest.position), 'position must be anywhere or last');
  expect(['script', 'builtin'].includes(manifest.kind), 'kind must be script or builtin');
  expect(manifest.options?.type === 'object', 'options must be a JSON Schema of type object');
  expect(manifest.options.additionalProperties === false, 'options must have additionalProperties: false');
  return manifest;
}

async function compileValidators() {
  const ajv = new Ajv({
    allErrors: true,
    // What may be written in two ways is one schema of two types, see publish-schema.ts.
    allowUnionTypes: true,
    // Errors carry the schema that they broke: the names for "did you mean" and the text for patterns come from there.
    verbose: true,
    useDefaults: true,
    strict: true,
    code: { source: true, esm: true, lines: true },
    // `path` means inside the config's folder and there; that needs the file system, see rules/paths-are-inside-root.ts.
    formats: { path: true },
  });
  ajv.addVocabulary(['patternErrorMessage']);
  const exportsOfModule = {};
  const add = (name, schema) => {
    ajv.addSchema(schema, name);
    exportsOfModule[name] = name;
  };
  const configSchema = makeConfigSchema({ source: { type: 'object' }, provisioner: {} });
  add('config', configSchema);
  // A file of waivers is checked by itself; ajv refuses a default of a whole document.
  const { waivers } = configSchema.properties.images.additionalProperties.properties.scan.properties;
  add('waivers', { ...waivers, default: undefined });
  for (const [kind, schema] of Object.entries(sourceSchemas)) add(`source_${kind}`, schema);
  manifests.forEach((manifest, index) => add(`options_${index}`, manifest.options));

  const moduleText = standaloneCode.default(ajv, exportsOfModule);
  // The code asks for ajv's run-time helpers by `require`; bundled, it stands alone.
  const bundled = await bundleToText({ stdin: { contents: moduleText, resolveDir: repository } });
  const body = bundled.replace(/\nexport \{[\s\S]*\};\s*$/, '\n');
  return `// @ts-nocheck
${HEADER}import type { SchemaValidator } from '../schema-validator.js';

${body}
export const validateConfigShape: SchemaValidator = ${localName(bundled, 'config')};
export const validateWaiversShape: SchemaValidator = ${localName(bundled, 'waivers')};
export const sourceValidators: Readonly<Record<string, SchemaValidator>> = {
${Object.keys(sourceSchemas)
  .map((kind) => entry(kind, localName(bundled, `source_${kind}`)))
  .join('')}};
export const optionsValidators: ReadonlyMap<string, SchemaValidator> = new Map(Object.entries({
${manifests.map((manifest, index) => entry(manifest.name, localName(bundled, `options_${index}`))).join('')}}));
`;
}

function entry(key, value) {
  return `  ${JSON.stringify(key)}: ${value},\n`;
}

/** What esbuild called the export `name` inside the bundle: `export { config2 as config }`. */
function localName(bundled, name) {
  const list = bundled.slice(bundled.lastIndexOf('export {'));
  return new RegExp(`(\\w+) as ${name}\\b`).exec(list)?.[1] ?? name;
}

async function bundleToText(source) {
  const result = await build({
    ...source,
    absWorkingDir: repository,
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    mainFields: ['module', 'main'],
    legalComments: 'none',
  });
  return result.outputFiles[0].text;
}

function editorSchemaText() {
  const schema = makeConfigSchema({
    source: { anyOf: Object.values(sourceSchemas) },
    provisioner: { anyOf: manifests.flatMap(provisionerForms) },
  });
  const document = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'buildimg config',
    ...JSON.parse(JSON.stringify(schema)),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** A provisioner is written as its name alone, if it has no required options, or as `name: {options}`. */
function provisionerForms(manifest) {
  const mapping = {
    type: 'object',
    description: manifest.summary,
    properties: { [manifest.name]: manifest.options },
    required: [manifest.name],
    additionalProperties: false,
  };
  const bare = { const: manifest.name, description: manifest.summary };
  return needsOptions(manifest) ? [mapping] : [bare, mapping];
}

function needsOptions(manifest) {
  return (manifest.options.required ?? []).length > 0;
}

function provisionersModule() {
  const bareNames = manifests.filter((manifest) => !needsOptions(manifest)).map((manifest) => manifest.name);
  const types = manifests.map(
    (manifest) =>
      `  /** ${comment(manifest.summary)} */\n  readonly ${JSON.stringify(manifest.name)}: ${typeOf(manifest.options)};\n`,
  );
  return `${HEADER}import type { ProvisionerManifest } from '../provisioner-manifest.js';

/** Options of each provisioner, by its name. */
export interface ProvisionerOptions {
${types.join('')}}

/** Provisioners that may be written as their name alone. */
export type BareProvisionerName = ${bareNames.map((name) => JSON.stringify(name)).join(' | ') || 'never'};

export const provisionerManifests: readonly ProvisionerManifest[] = ${JSON.stringify(manifests, undefined, 2)};
`;
}

/** The scanner's catalogue, for a config that may not import it: an unknown id is a mistake, with the nearest one. */
async function checkIdsModule() {
  const { allChecks } = await loadModule('src/scan/rules/catalogue.ts');
  const ids = allChecks.map((check) => check.id);
  return `${HEADER}export const checkIds: readonly string[] = ${JSON.stringify(ids, undefined, 2)};\n`;
}

/** The TypeScript type of a flat option schema. */
function typeOf(schema) {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.type === 'string' || schema.type === 'boolean') return schema.type;
  if (schema.type === 'integer' || schema.type === 'number') return 'number';
  if (schema.type === 'array') return `readonly (${typeOf(schema.items ?? {})})[]`;
  if (schema.type === 'object' && schema.properties !== undefined) return objectTypeOf(schema);
  if (schema.type === 'object') return `Readonly<Record<string, ${typeOf(schema.additionalProperties ?? {})}>>`;
  return 'unknown';
}

function objectTypeOf(schema) {
  const required = new Set(schema.required ?? []);
  const fields = Object.entries(schema.properties).map(([name, field]) => {
    const doc = field.description === undefined ? '' : `/** ${comment(field.description)} */ `;
    return `${doc}readonly ${JSON.stringify(name)}${required.has(name) ? '' : '?'}: ${typeOf(field)};`;
  });
  return `{ ${fields.join('\n    ')} }`;
}

function comment(text) {
  return text.trim().replaceAll('*/', '* /').replace(/\s+/g, ' ');
}

/** As they are, for the builder of a platform archive, which is no provisioner and has no bundle to carry them. */
async function copyLibrary() {
  await mkdir(path.join(flags.out, 'provisioners/lib'), { recursive: true });
  for (const file of PLATFORM_LIBRARY) {
    await write(`provisioners/lib/${file}`, await readFile(path.join(repository, 'provisioners/lib', file), 'utf8'));
  }
}

async function writeBundles() {
  const bundled = new Set();
  for (const { name } of manifests) {
    const text = await bundleProvisioner(flags.provisioners, name);
    if (text === undefined) continue;
    bundled.add(`${name}.sh`);
    await write(`provisioners/${name}.sh`, text, 0o755);
  }
  const folder = path.join(flags.out, 'provisioners');
  const stale = (await readdir(folder)).filter((file) => file.endsWith('.sh') && !bundled.has(file));
  await Promise.all(stale.map((file) => rm(path.join(folder, file), { force: true })));
}

/** Through a rename, so that a test run side by side never reads half a file; left alone when nothing changed. */
async function write(name, text, mode = 0o644) {
  const file = path.join(flags.out, name);
  if ((await readFile(file, 'utf8').catch(() => undefined)) === text) return;
  const partial = `${file}.${process.pid}.tmp`;
  await writeFile(partial, text, { mode });
  await rename(partial, file);
}
