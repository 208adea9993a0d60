// Elastic Beanstalk's platform.yaml. Every value is quoted: the bare 16.10 of AWS's samples is the number 16.1 to YAML.
// Lists that would be empty are left out, because `ebp create` crashes on `option_settings:` without entries.
import type { PlatformConfig } from '../config/resolved-config.js';
import type { RenderedFile } from './rendered-file.js';
import { renderText, type TextTemplates } from './text-template.js';

/** Name of the Packer template of a platform, as in AWS's samples. */
export const PLATFORM_TEMPLATE = 'custom_platform.json';

/** platform.yaml for the image called `image`. */
export function renderPlatformYaml(image: string, platform: PlatformConfig, templates: TextTemplates): RenderedFile {
  const values = {
    image,
    template: PLATFORM_TEMPLATE,
    flavor: findFlavor(platform) ?? '',
    metadata: listMetadata(platform),
    optionDefinitions: (platform.optionDefinitions ?? []).map((definition) => ({
      ...definition,
      description: definition.description ?? '',
      // An empty default is a default, and `if` would take it for none.
      hasDefault: definition.default !== undefined,
      default: definition.default ?? '',
    })),
    optionSettings: platform.optionSettings ?? [],
  };
  return { path: 'platform.yaml', mode: 0o644, content: { text: renderText(templates, 'platform.yaml.hbs', values) } };
}

/** The flavors that Elastic Beanstalk's builder knew; any other system has none to name. */
function findFlavor({ flavor, operatingSystemName, operatingSystemVersion }: PlatformConfig): string | undefined {
  if (flavor !== undefined) return flavor;
  const system = `${operatingSystemName} ${operatingSystemVersion}`.toLowerCase();
  if (system.startsWith('ubuntu 16.04')) return 'ubuntu1604';
  if (/^(rhel|red hat enterprise linux) 7(\.|$)/.test(system)) return 'rhel7';
  if (/^(rhel|red hat enterprise linux) 6(\.|$)/.test(system)) return 'rhel6';
  return undefined;
}

function listMetadata(platform: PlatformConfig) {
  const metadata = [
    ['maintainer', platform.maintainer],
    ['description', platform.description],
    ['operating_system_name', platform.operatingSystemName],
    ['operating_system_version', platform.operatingSystemVersion],
    ['programming_language_name', platform.programmingLanguageName],
    ['programming_language_version', platform.programmingLanguageVersion],
    ['framework_name', platform.frameworkName],
    ['framework_version', platform.frameworkVersion],
    ['app_server_name', platform.appServerName],
    ['app_server_version', platform.appServerVersion],
  ] as const;
  return metadata.flatMap(([key, value]) => (value === undefined ? [] : [{ key, value }]));
}
