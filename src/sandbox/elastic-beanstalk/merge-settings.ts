import type { EnvironmentRecord, OptionSetting, PlatformVersionRecord } from '../world/service-records.js';

/** What holds in an environment, once each; the later ones win: what its platform defines, what it sets, what it itself sets. */
export function mergeSettings(
  environment: Pick<EnvironmentRecord, 'optionSettings'> | undefined,
  platform: PlatformVersionRecord | undefined,
): readonly OptionSetting[] {
  const { optionDefinitions = [], optionSettings = [] } = platform?.definition ?? {};
  const settings = new Map<string, OptionSetting>();
  for (const { namespace, name, value } of [
    ...optionDefinitions,
    ...optionSettings,
    ...(environment?.optionSettings ?? []),
  ]) {
    settings.set(`${namespace} ${name}`, { namespace, name, value });
  }
  return [...settings.values()];
}
