import type { ImagePlan } from '../plan/image-plan.js';
import type { PlatformPlan } from '../plan/plan-platform.js';
import { assertNoSecrets } from './assert-no-secrets.js';
import { copyTemplate } from './copy-template.js';
import { listSetupSteps, renderEbBuilder } from './eb-builder.js';
import { renderEbTemplate } from './eb-template.js';
import { renderEbUploads } from './eb-uploads.js';
import { renderPlatformYaml } from './platform-yaml.js';
import type { RenderedFile } from './rendered-file.js';
import { renderText, type TextTemplates } from './text-template.js';

/** Instance profile that the EB CLI makes for building platforms; with any other name it makes none. */
const DEFAULT_INSTANCE_PROFILE = 'aws-elasticbeanstalk-custom-platform-ec2-role';

/** All files of a platform definition, sorted by path: `eb platform create` works in the folder as it stands. Pure. */
export function renderEbPlatform(
  plan: ImagePlan,
  platform: PlatformPlan,
  templates: TextTemplates,
): readonly RenderedFile[] {
  assertNoSecrets(plan, 'eb-platform');
  const { config } = platform;
  const files = [
    renderPlatformYaml(plan.image, config, templates),
    renderEbTemplate(plan, config),
    ...renderEbBuilder(plan, platform, templates),
    ...renderEbUploads(platform, templates),
    renderWorkspace(plan, platform, templates),
    copyTemplate('.ebignore', 'eb-platform/ebignore', templates),
    renderPlatformReadme(plan, platform, templates),
  ];
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function renderWorkspace({ region }: ImagePlan, { config }: PlatformPlan, templates: TextTemplates): RenderedFile {
  const { instanceProfile = DEFAULT_INSTANCE_PROFILE, keyName = '' } = config.builder ?? {};
  const values = { name: config.name, region, instanceProfile, keyName };
  const text = renderText(templates, 'eb-platform/config.yml.hbs', values);
  return { path: '.elasticbeanstalk/config.yml', mode: 0o644, content: { text } };
}

function renderPlatformReadme(plan: ImagePlan, { config }: PlatformPlan, templates: TextTemplates): RenderedFile {
  const options = (config.optionDefinitions ?? []).map((definition) => ({
    name: definition.optionName,
    namespace: definition.namespace,
    default: definition.default ?? '',
    description: (definition.description ?? '').replaceAll(/\s+/g, ' '),
  }));
  const values = {
    name: config.name,
    image: plan.image,
    version: plan.version,
    region: plan.region,
    hasRuntime: config.runtime !== undefined,
    hasSecurityGroups: plan.builder.securityGroupIds !== undefined,
    steps: listSetupSteps(plan),
    hasOptions: options.length > 0,
    options,
  };
  return {
    path: 'README.md',
    mode: 0o644,
    content: { text: renderText(templates, 'eb-platform/README.md.hbs', values) },
  };
}
