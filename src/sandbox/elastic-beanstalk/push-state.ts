// What the instance's tools answer from (bootstrap-script.ts): the environment's settings, and the source bundle.

import { join } from 'node:path';
import type { EnvironmentRecord, PlatformVersionRecord } from '../world/service-records.js';
import type { SandboxServices } from '../world/services.js';
import { STATE_FOLDER } from './bootstrap-script.js';
import { type Guest, quoteForShell, runScript } from './guest.js';
import { mergeSettings } from './merge-settings.js';

const PROPERTIES = 'aws:elasticbeanstalk:application:environment';

/** Writes the settings of an environment to its instance, in the place of the former ones. */
export async function pushConfig(
  guest: Guest,
  services: SandboxServices,
  environment: EnvironmentRecord,
): Promise<void> {
  const platform = services.world.platformVersions.find(environment.platformArn);
  const files = listConfigFiles(environment, platform);
  const folders = new Set([...files.keys()].map((path) => path.slice(0, path.lastIndexOf('/'))));
  const script = [
    'set -eu',
    'umask 077',
    `mkdir -p ${STATE_FOLDER}`,
    `new=$(mktemp -d ${STATE_FOLDER}/config.XXXXXX)`,
    ...[...folders].map((folder) => `mkdir -p "$new"/${quoteForShell(folder)}`),
    ...[...files].map(([path, text]) => `printf %s ${quoteForShell(text)} >"$new"/${quoteForShell(path)}`),
    `rm -rf ${STATE_FOLDER}/config`,
    `mv "$new" ${STATE_FOLDER}/config`,
    '',
  ].join('\n');
  await runScript(guest, script);
}

/** Puts the source bundle of an application version where download-source-bundle takes it from. */
export async function pushBundle(
  guest: Guest,
  { world, paths }: SandboxServices,
  { environment, versionLabel }: { readonly environment: EnvironmentRecord; readonly versionLabel: string },
): Promise<void> {
  const { region, application } = environment;
  const version = world.applicationVersions.find(`${region}:${application}:${versionLabel}`);
  const object = world.objects.find(`${version?.bucket}/${version?.key}`);
  if (object === undefined) throw new Error(`The source bundle of ${versionLabel} is gone from its bucket.`);
  const target = `${STATE_FOLDER}/source_bundle`;
  const file = join(paths.objectsDir, object.file);
  const { exitCode, stderr } = await guest.run(`sh -c 'umask 077; mkdir -p ${STATE_FOLDER} && cat >${target}'`, {
    file,
  });
  if (exitCode !== 0) throw new Error(`The source bundle could not be copied to the instance: ${stderr.trim()}`);
}

/** Path below the config folder → content. */
export function listConfigFiles(
  environment: EnvironmentRecord,
  platform: PlatformVersionRecord | undefined,
): ReadonlyMap<string, string> {
  const { facts, options } = collectSettings(environment, platform);
  const files = new Map<string, string>();
  for (const [section, values] of Object.entries(facts)) {
    files.set(`${section}.json`, JSON.stringify(values));
    files.set(`${section}.values/.keep`, '');
    for (const [key, value] of Object.entries(values)) files.set(`${section}.values/${encodeName(key)}`, value);
  }
  files.set('addons.json', '{}');
  files.set('optionsettings.json', JSON.stringify(options));
  for (const [namespace, values] of Object.entries(options)) {
    const folder = `optionsettings.values/${encodeName(namespace)}`;
    files.set(`${folder}.json`, JSON.stringify(values));
    for (const [name, value] of Object.entries(values)) files.set(`${folder}/${encodeName(name)}`, value);
  }
  return files;
}

type Values = Record<string, string>;

function collectSettings(environment: EnvironmentRecord, platform: PlatformVersionRecord | undefined) {
  const { metadata = {} } = platform?.definition ?? {};
  const options: Record<string, Values> = {};
  for (const { namespace, name, value } of mergeSettings(environment, platform)) {
    (options[namespace] ??= {})[name] = value;
  }
  return {
    options,
    facts: {
      environment: options[PROPERTIES] ?? {},
      container: {
        application_name: environment.application,
        environment_name: environment.name,
        environment_id: environment.id,
        region: environment.region,
        instance_port: '80',
      },
      platformconfig: { PlatformName: platform?.name ?? '', PlatformVersion: platform?.version ?? '', ...metadata },
    } satisfies Readonly<Record<string, Values>>,
  };
}

/** As get-config encodes what it is asked for. */
function encodeName(name: string): string {
  return name.replaceAll('%', '%25').replaceAll('/', '%2F');
}
