import { createError } from '../../errors.js';
import type { ImagePlan, PlannedSource } from '../../plan/image-plan.js';
import { hasPackerFeature } from './packer-features.js';
import type { RenderOptions } from './render-options.js';
import {
  type AmazonEbsSource,
  joinText,
  type LaunchBlockDevice,
  packerTemplate,
  type TemplateTags,
  variable,
} from './template.js';

/** EC2's defaults; Packer 1.6.6 refuses gp3 unless both are written out. */
const GP3_DEFAULTS = { iops: 3000, throughput: 125 };

/** Before the run's id in the name of the temporary key pair; Packer's own names begin with it too. */
export const KEY_PAIR_PREFIX = 'packer_';

/** The amazon-ebs source of a plan. Throws ROOT_DEVICE_UNKNOWN. */
export function renderAmazonEbsSource(plan: ImagePlan, { isForBuild = false }: RenderOptions = {}): AmazonEbsSource {
  const { builder } = plan;
  const tags = { ...plan.tags, ...renderSourceTag(plan), 'buildimg:run': variable('run_id') };
  const runTags = renderRunTags(plan, isForBuild);
  return {
    region: plan.region,
    ...renderSourceImage(plan),
    instance_type: builder.instanceType,
    ami_name: plan.amiName,
    ...(plan.amiDescription === '' ? {} : { ami_description: plan.amiDescription }),
    ...renderCommunicator(plan, isForBuild),
    ...renderNetwork(plan),
    ...(builder.iamInstanceProfile === undefined ? {} : { iam_instance_profile: builder.iamInstanceProfile }),
    ...(plan.userData === undefined ? {} : { user_data: plan.userData }),
    shutdown_behavior: 'terminate',
    ...renderRootVolume(plan),
    ...renderImds(builder.packerVersion),
    run_tags: runTags,
    run_volume_tags: runTags,
    snapshot_tags: tags,
    tags,
  };
}

/** Whether the template needs the variable that says who may reach the build instance. */
export function hasSshSourceVariable({ builder }: ImagePlan): boolean {
  return builder.sshSourceCidrs === undefined && builder.securityGroupIds === undefined;
}

/** Whether the template takes the id of its source image as a variable. */
export function isSourceGiven(
  source: PlannedSource,
): source is Extract<PlannedSource, { readonly kind: 'variable' | 'platform-branch' }> {
  return source.kind === 'variable' || source.kind === 'platform-branch';
}

function renderSourceImage({ source }: ImagePlan): Pick<AmazonEbsSource, 'source_ami' | 'source_ami_filter'> {
  if (source.kind === 'ami') return { source_ami: source.id };
  if (isSourceGiven(source)) return { source_ami: variable('source_ami') };
  return { source_ami_filter: { filters: source.filters, owners: source.owners, most_recent: true } };
}

// No ssh_clear_authorized_keys: seal has removed the launch key by then, and the login user's sudo with it, so Packer's own
// attempt could only fail, loudly.
function renderCommunicator({ builder, loginUser }: ImagePlan, isForBuild: boolean) {
  return {
    communicator: 'ssh',
    ssh_username: loginUser,
    ssh_port: variable('ssh_port'),
    ssh_timeout: `${builder.sshTimeoutMinutes}m`,
    // Old Packers tag no key pair, so that only its name says whose it is.
    ...(isForBuild ? { temporary_key_pair_name: joinText([KEY_PAIR_PREFIX, variable('run_id')]) } : {}),
    ...(hasPackerFeature(builder.packerVersion, 'temporary_key_pair_type')
      ? ({ temporary_key_pair_type: 'ed25519' } as const)
      : {}),
  } as const;
}

/** Packer's own default is a security group that is open to the whole internet. */
function renderNetwork(plan: ImagePlan) {
  const { securityGroupIds, sshSourceCidrs, vpcId, subnetId, associatePublicIpAddress } = plan.builder;
  const cidrs = hasSshSourceVariable(plan) ? [variable('ssh_source_cidr')] : sshSourceCidrs;
  return {
    ...(securityGroupIds === undefined
      ? { temporary_security_group_source_cidrs: cidrs ?? [] }
      : { security_group_ids: securityGroupIds }),
    ...(vpcId === undefined ? {} : { vpc_id: vpcId }),
    ...(subnetId === undefined ? {} : { subnet_id: subnetId }),
    ...(associatePublicIpAddress === undefined ? {} : { associate_public_ip_address: associatePublicIpAddress }),
  };
}

/** The launch volume is encrypted, so that its snapshot is; Packer's encrypt_boot copies the whole AMI once more. */
function renderRootVolume({ image, source, builder: { rootVolume }, encrypt, kmsKeyId }: ImagePlan) {
  if (!encrypt && rootVolume === undefined) return {};
  const deviceName = source.rootDeviceName ?? rootVolume?.deviceName;
  if (deviceName === undefined) throw createError('ROOT_DEVICE_UNKNOWN', [image]);
  const device: LaunchBlockDevice = {
    device_name: deviceName,
    delete_on_termination: true,
    ...(encrypt ? { encrypted: true } : {}),
    ...(kmsKeyId === undefined ? {} : { kms_key_id: kmsKeyId }),
    ...(rootVolume?.sizeGib === undefined ? {} : { volume_size: rootVolume.sizeGib }),
    ...(rootVolume?.type === undefined ? {} : { volume_type: rootVolume.type }),
    ...(rootVolume?.type === 'gp3' ? GP3_DEFAULTS : {}),
  };
  return { launch_block_device_mappings: [device] };
}

function renderImds(packerVersion: string): Pick<AmazonEbsSource, 'metadata_options' | 'imds_support'> {
  return {
    ...(hasPackerFeature(packerVersion, 'metadata_options')
      ? { metadata_options: { http_endpoint: 'enabled', http_tokens: 'required', http_put_response_hop_limit: 1 } }
      : {}),
    ...(hasPackerFeature(packerVersion, 'imds_support') ? { imds_support: 'v2.0' } : {}),
  };
}

/** Packer knows which image a filter or a variable came to mean, and says so in the tag. */
function renderSourceTag({ source }: ImagePlan): TemplateTags {
  return source.kind === 'ami' ? {} : { 'buildimg:source': packerTemplate('{{ .SourceAMI }}') };
}

/** Newer plugins give them to the image as well, from which `build` takes the moment of expiry again. */
function renderRunTags({ image }: ImagePlan, isForBuild: boolean): TemplateTags {
  return {
    Name: `buildimg ${image}`,
    'buildimg:image': image,
    'buildimg:run': variable('run_id'),
    ...(isForBuild ? { 'buildimg:expires': variable('expires') } : {}),
  };
}
