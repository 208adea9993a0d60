import { findSecrets, findSecretsInSetting } from '../../scan/rules/secrets/find-secrets.js';
import { isRecord } from '../is-record.js';
import { toText } from '../to-text.js';
import type { ImportDesk } from './imported.js';
import { SECRET_KEYS } from './imported-secrets.js';
import { hasTemplate, toBoolean, toList, toReferences } from './imported-text.js';
import type { Settings } from './legacy-template.js';

export interface ImportedBuilder {
  /** Keys of an image, but for version and provisioners. */
  readonly image: Settings;
  readonly loginUser: string;
}

/** What buildimg decides itself, by rules that its README tells; losing it loses nothing. */
const DECIDED_HERE = new Set(
  [
    'type name ami_name communicator shutdown_behavior ssh_pty skip_region_validation ena_support sriov_support',
    'enhanced_networking force_deregister force_delete_snapshot ssh_handshake_attempts ssh_interface',
    'ssh_clear_authorized_keys temporary_key_pair_name temporary_key_pair_type ami_virtualization_type imds_support',
    'metadata_options run_volume_tags run_tags snapshot_tags tag',
  ]
    .join(' ')
    .split(' '),
);

/** An amazon-ebs builder as the keys of an image. */
export function importBuilder(builder: Settings, desk: ImportDesk): ImportedBuilder {
  const taken = new Set<string>(DECIDED_HERE);
  const take = (key: string): unknown => {
    taken.add(key);
    return builder[key];
  };
  const loginUser = toReferences(toText(take('ssh_username') ?? ''));
  const volume = importRootVolume(take('launch_block_device_mappings'), desk);
  const image = {
    ...text('region', take('region')),
    source: importSource(take('source_ami'), take('source_ami_filter'), desk),
    builder: {
      ...text('instanceType', take('instance_type')),
      ...(loginUser === '' ? {} : { sshUsername: loginUser }),
      ...importNumber('sshPort', take('ssh_port')),
      ...importTimeout(take('ssh_timeout')),
      ...importCidrs(
        take('temporary_security_group_source_cidrs') ?? take('temporary_security_group_source_cidr'),
        desk,
      ),
      ...text('vpcId', take('vpc_id')),
      ...text('subnetId', take('subnet_id')),
      ...importGroups(take('security_group_ids') ?? take('security_group_id')),
      ...text('iamInstanceProfile', take('iam_instance_profile')),
      ...flag('associatePublicIpAddress', take('associate_public_ip_address')),
      ...(volume.rootVolume && { rootVolume: volume.rootVolume }),
    },
    ami: importAmi(builder, take, { desk, encrypt: volume.encrypt }),
  };
  for (const key of Object.keys(builder).filter((each) => !taken.has(each))) {
    desk.notes.push(SECRET_KEYS.has(key) ? `${key} is a secret and was left out` : `${key} is not carried over`);
  }
  return { image: dropEmpty(image), loginUser };
}

function importSource(ami: unknown, filter: unknown, { notes }: ImportDesk): Settings {
  if (!isRecord(filter)) {
    if (ami === undefined || ami === '') notes.push('the template names no source image: write one into source');
    return { ami: ami === undefined || ami === '' ? 'ami-00000000' : toReferences(toText(ami)) };
  }
  const owners = toList(filter['owners']).map(toReferences);
  if (owners.length === 0) notes.push('source_ami_filter names no owners: `self` was put in; name whom you trust');
  if (toBoolean(filter['most_recent']) !== true)
    notes.push('source_ami_filter: buildimg takes the newest match (most_recent)');
  const filters = isRecord(filter['filters']) ? filter['filters'] : {};
  return {
    filter: Object.fromEntries(
      Object.entries(filters).map(([name, value]) => [name, toReferences(toList(value).join(','))]),
    ),
    owners: owners.length === 0 ? ['self'] : owners,
  };
}

interface AmiFacts {
  readonly desk: ImportDesk;
  readonly encrypt: boolean;
}

function importAmi(_builder: Settings, take: (key: string) => unknown, { desk, encrypt }: AmiFacts): Settings {
  const description = take('ami_description');
  const tags = take('tags');
  const isEncrypted = encrypt || toBoolean(take('encrypt_boot')) === true;
  const carried = Object.entries(isRecord(tags) ? tags : {}).filter(([key, value]) => {
    const isCarried = !hasTemplate(key) && !hasTemplate(toText(value)) && !/^(?:aws|buildimg):/i.test(key);
    if (!isCarried) desk.notes.push(`tag ${key} is computed by Packer or reserved, and was left out`);
    const isSecret = findSecretsInSetting(key, toText(value)).length > 0;
    if (isSecret) desk.notes.push(`tag ${key} holds what looks like a secret, and was left out`);
    return isCarried && !isSecret;
  });
  const isSecret = description !== undefined && findSecrets(toText(description)).length > 0;
  if (isSecret) desk.notes.push('ami_description holds what looks like a secret, and was left out');
  const hasDescription =
    description !== undefined && description !== '' && !hasTemplate(toText(description)) && !isSecret;
  if (!isSecret && description !== undefined && description !== '' && !hasDescription)
    desk.notes.push('ami_description is computed by Packer');
  return {
    ...(hasDescription ? { description: toReferences(toText(description)) } : {}),
    ...(carried.length > 0
      ? { tags: Object.fromEntries(carried.map(([key, value]) => [toReferences(key), toReferences(toText(value))])) }
      : {}),
    ...(isEncrypted ? { encrypt: true } : {}),
  };
}

const VOLUME_TYPES = ['gp2', 'gp3', 'standard'];

function importRootVolume(devices: unknown, { notes }: ImportDesk) {
  if (!Array.isArray(devices) || devices.length === 0) return { encrypt: false };
  const [device] = devices;
  const name = isRecord(device) ? toText(device['device_name']) : '';
  if (devices.length > 1 || !isRecord(device) || !/^\/dev\/(?:sda1|xvda)$/.test(name)) {
    notes.push('launch_block_device_mappings: only a root device (/dev/sda1 or /dev/xvda) is carried over');
    return { encrypt: false };
  }
  const { volume_size: size, volume_type: type } = device;
  const rootVolume = dropEmpty({
    deviceName: name,
    ...importNumber('sizeGib', size),
    ...(VOLUME_TYPES.includes(toText(type)) ? { type: toText(type) } : {}),
  });
  if (type !== undefined && !VOLUME_TYPES.includes(toText(type)))
    notes.push(`volume_type ${toText(type)} is not carried over`);
  return {
    encrypt: toBoolean(device['encrypted']) === true,
    ...(Object.keys(rootVolume).length > 0 && { rootVolume }),
  };
}

function importTimeout(value: unknown): Settings {
  const match = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(value === undefined ? 'x' : toText(value));
  if (match === null) return {};
  const [hours, minutes, seconds] = [1, 2, 3].map((group) => Number(match[group] ?? 0));
  return { sshTimeoutMinutes: Math.max(1, (hours ?? 0) * 60 + (minutes ?? 0) + Math.ceil((seconds ?? 0) / 60)) };
}

function importCidrs(value: unknown, { notes }: ImportDesk): Settings {
  const cidrs = toList(value);
  const open = cidrs.filter((cidr) => cidr === '0.0.0.0/0');
  if (open.length > 0)
    notes.push('0.0.0.0/0 would let the whole internet in to SSH: left out, the builder alone may connect');
  const kept = cidrs.filter((cidr) => cidr !== '0.0.0.0/0').map(toReferences);
  return kept.length > 0 ? { sshSourceCidrs: kept } : {};
}

function importGroups(value: unknown): Settings {
  const groups = toList(value).map(toReferences);
  return groups.length > 0 ? { securityGroupIds: groups } : {};
}

function importNumber(key: string, value: unknown): Settings {
  if (value === undefined) return {};
  const number = Number(value);
  return { [key]: Number.isInteger(number) ? number : toReferences(toText(value)) };
}

function text(key: string, value: unknown): Settings {
  return value === undefined || value === '' ? {} : { [key]: toReferences(toText(value)) };
}

function flag(key: string, value: unknown): Settings {
  const known = toBoolean(value);
  return known === undefined ? {} : { [key]: known };
}

function dropEmpty(settings: Settings): Settings {
  return Object.fromEntries(
    Object.entries(settings).filter(([, value]) => !(isRecord(value) && Object.keys(value).length === 0)),
  );
}
