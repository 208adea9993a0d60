import { findSecretsInSetting } from '../../scan/rules/secrets/find-secrets.js';
import { isRecord } from '../is-record.js';
import { toText } from '../to-text.js';
import { escapeReferences } from './imported-text.js';
import type { Settings } from './legacy-template.js';

const METADATA_KEYS = {
  description: 'description',
  maintainer: 'maintainer',
  operating_system_name: 'operatingSystemName',
  operating_system_version: 'operatingSystemVersion',
  programming_language_name: 'programmingLanguageName',
  programming_language_version: 'programmingLanguageVersion',
  framework_name: 'frameworkName',
  framework_version: 'frameworkVersion',
  app_server_name: 'appServerName',
  app_server_version: 'appServerVersion',
} as const;

/** The parsed platform.yaml as the platform section of an image. */
export function importPlatform(yaml: unknown, name: string): Settings {
  const root = isRecord(yaml) ? yaml : {};
  const metadata = isRecord(root['metadata']) ? root['metadata'] : {};
  const provisioner = isRecord(root['provisioner']) ? root['provisioner'] : {};
  const described = Object.entries(METADATA_KEYS).flatMap(([key, ours]) => {
    const value = metadata[key];
    return value === undefined || value === null || value === '' ? [] : [[ours, escapeReferences(toText(value))]];
  });
  return {
    name,
    ...(provisioner['flavor'] === undefined ? {} : { flavor: toText(provisioner['flavor']) }),
    operatingSystemName: 'unknown',
    operatingSystemVersion: 'unknown',
    ...Object.fromEntries(described),
    ...importList('optionDefinitions', root['option_definitions'], {
      namespace: 'namespace',
      option_name: 'optionName',
      description: 'description',
      default_value: 'default',
    }),
    ...importList('optionSettings', root['option_settings'], {
      namespace: 'namespace',
      option_name: 'optionName',
      value: 'value',
    }),
  };
}

function importList(key: string, list: unknown, keys: Readonly<Record<string, string>>): Settings {
  if (!Array.isArray(list) || list.length === 0) return {};
  return {
    [key]: list
      .filter(isRecord)
      .filter((each) => !isSecretSetting(each))
      .map((each) =>
        Object.fromEntries(
          Object.entries(keys).flatMap(([theirs, ours]) => {
            const value = each[theirs];
            return value === undefined || value === null ? [] : [[ours, escapeReferences(toText(value))]];
          }),
        ),
      ),
  };
}

/** An option whose value is a secret is set on the environment, and not in a file. */
function isSecretSetting({ option_name: name, value, default_value: fallback }: Settings): boolean {
  return [value, fallback].some((each) => each != null && findSecretsInSetting(toText(name), toText(each)).length > 0);
}
