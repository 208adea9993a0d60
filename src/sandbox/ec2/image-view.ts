import type { Image } from '@aws-sdk/client-ec2';
import { readAccountSettings } from '../world/account-settings.js';
import type { ImageRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';
import { meetsCriteria } from './allowed-images.js';
import { listOwnerAliases } from './owner-aliases.js';
import { viewTags } from './tags.js';

export function viewImage(context: RequestContext, image: ImageRecord): Image {
  const { world } = context;
  const { allowedImages } = readAccountSettings(context);
  const [alias] = listOwnerAliases(image.ownerId);
  const snapshot = world.snapshots.find(image.snapshotId);
  const isOwn = image.ownerId === context.accountId;
  return {
    ImageId: image.id,
    Name: image.name,
    Description: image.description,
    ImageLocation: `${image.ownerId}/${image.name}`,
    ImageType: 'machine',
    OwnerId: image.ownerId,
    ...(alias === undefined ? {} : { ImageOwnerAlias: alias }),
    ...(allowedImages === 'disabled' ? {} : { ImageAllowed: meetsCriteria(context, image) }),
    DeregistrationProtection: image.deregistrationProtection ?? 'disabled',
    Public: image.isPublic,
    State: image.state,
    // Packer reads it whenever an image is not available, and 1.6.6 crashes when it is not there.
    StateReason: {
      Code: image.stateReason?.code ?? image.state,
      Message: image.stateReason?.message ?? image.state,
    },
    Architecture: image.architecture,
    CreationDate: image.createdAt,
    DeprecationTime: image.deprecatedAt,
    Hypervisor: 'xen',
    VirtualizationType: 'hvm',
    EnaSupport: true,
    SriovNetSupport: 'simple',
    PlatformDetails: 'Linux/UNIX',
    UsageOperation: 'RunInstances',
    RootDeviceType: 'ebs',
    RootDeviceName: image.rootDeviceName,
    BootMode: image.bootMode as Image['BootMode'],
    ImdsSupport: image.imdsSupport as Image['ImdsSupport'],
    // What an image was made of, when it was launched and how it is tagged is for its owner to know.
    ...(isOwn
      ? { SourceInstanceId: image.sourceInstanceId, LastLaunchedTime: image.lastLaunchedAt, Tags: viewTags(image.tags) }
      : { Tags: [] }),
    SourceImageId: image.sourceImage?.id,
    SourceImageRegion: image.sourceImage?.region,
    BlockDeviceMappings: [
      {
        DeviceName: image.rootDeviceName,
        Ebs: {
          SnapshotId: image.snapshotId,
          VolumeSize: image.volumeSizeGib,
          VolumeType: image.volumeType as NonNullable<
            NonNullable<Image['BlockDeviceMappings']>[0]['Ebs']
          >['VolumeType'],
          DeleteOnTermination: image.deleteOnTermination,
          Encrypted: snapshot?.isEncrypted ?? false,
        },
      },
    ],
  };
}
