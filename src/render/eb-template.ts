// The Packer template of an Elastic Beanstalk platform: legacy JSON with the keys of Packer 1.0.3, which was the last that
// Beanstalk ran, and which later versions accept as well.
import type { PlatformConfig } from '../config/resolved-config.js';
import { createError } from '../errors.js';
import type { ImagePlan } from '../plan/image-plan.js';
import { isSourceGiven, renderAmazonEbsSource } from './packer/amazon-ebs-source.js';
import { assertCarriable } from './packer/assert-carriable.js';
import { encodeSettings, legacyDialect } from './packer/dialect.js';
import { formatJsonFile } from './packer/json-file.js';
import { packerTemplate, variable } from './packer/template.js';
import { PLATFORM_TEMPLATE } from './platform-yaml.js';
import type { RenderedFile } from './rendered-file.js';

const PACKER_VERSION = '1.0.3';

/** custom_platform.json. Throws PACKER_TEMPLATE_IN_TEXT, ROOT_DEVICE_UNKNOWN, PLATFORM_PACKER_TOO_OLD. */
export function renderEbTemplate(plan: ImagePlan, platform: PlatformConfig): RenderedFile {
  assertCarriable(plan);
  assertKnownToOldPacker(plan);
  const document = {
    description: legacyDialect.escapeText(`${platform.name}, rendered by buildimg from image ${plan.image}`),
    min_packer_version: PACKER_VERSION,
    variables: {
      // Set by Elastic Beanstalk for the Packer that it runs.
      platform_name: '{{env `AWS_EB_PLATFORM_NAME`}}',
      platform_version: '{{env `AWS_EB_PLATFORM_VERSION`}}',
      platform_arn: '{{env `AWS_EB_PLATFORM_ARN`}}',
      ssh_port: String(plan.builder.sshPort),
      ...(isSourceGiven(plan.source) ? { source_ami: null } : {}),
    },
    builders: [encodeSettings({ type: 'amazon-ebs', name: 'ami', ...renderSource(plan, platform) }, legacyDialect)],
    provisioners: [
      { type: 'file', source: 'builder', destination: '/tmp/' },
      {
        type: 'shell',
        scripts: ['builder/builder.sh'],
        execute_command: 'sudo -n env {{.Vars}} bash {{.Path}}',
        // The last setup script seals the image: nothing can log in after it, not even to remove a script.
        expect_disconnect: false,
        skip_clean: true,
      },
    ],
  };
  return formatJsonFile(PLATFORM_TEMPLATE, document);
}

function renderSource(plan: ImagePlan, { flavor }: PlatformConfig) {
  const { temporary_security_group_source_cidrs: _unknownToIt, ...source } = renderAmazonEbsSource({
    ...plan,
    builder: { ...plan.builder, packerVersion: PACKER_VERSION },
  });
  const name = `${plan.image}-${plan.architecture}-${plan.version}`;
  const runTags = { Name: `buildimg ${plan.image}`, 'buildimg:image': plan.image };
  const tags = renderTags(plan);
  return {
    ...source,
    // The list of regions in Packer 1.0.3 ends in 2017.
    skip_region_validation: true,
    // A platform is made again with every version of it, and EC2 takes a name once.
    ami_name: packerTemplate(`${name}-{{isotime "20060102150405"}}`),
    // sudo of the systems of that time wants a terminal (requiretty).
    ...(flavor === undefined ? {} : { ssh_pty: true }),
    run_tags: runTags,
    run_volume_tags: runTags,
    snapshot_tags: tags,
    tags,
  };
}

/** Without those that say which inputs and which run made the image: Elastic Beanstalk builds it, not buildimg. */
function renderTags({ tags, amiName, source }: ImagePlan) {
  const { 'buildimg:inputs': _inputs, Name: name, ...rest } = tags;
  return {
    ...(name === amiName || name === undefined ? {} : { Name: name }),
    ...rest,
    ...(source.kind === 'ami' ? {} : { 'buildimg:source': packerTemplate('{{ .SourceAMI }}') }),
    eb_platform_name: variable('platform_name'),
    eb_platform_version: variable('platform_version'),
    eb_platform_arn: variable('platform_arn'),
  };
}

/** What EC2 or a later Packer would only take with keys that Packer 1.0.3 refuses. */
function assertKnownToOldPacker({ image, builder, kmsKeyId }: ImagePlan): void {
  if (builder.rootVolume?.type === 'gp3') {
    throw createError('PLATFORM_PACKER_TOO_OLD', [image, 'a root volume of type gp3 (throughput)']);
  }
  if (kmsKeyId !== undefined) throw createError('PLATFORM_PACKER_TOO_OLD', [image, 'a key for the launch volume']);
}
