import type { ImageMetadata } from '../../src/scan/image-metadata.js';

/** An AMI as every policy wants it: of Debian, private, of today. */
export function anImageMetadata(changes: Partial<ImageMetadata> = {}): ImageMetadata {
  return {
    id: 'ami-0123456789abcdef0',
    region: 'us-east-1',
    name: 'web-x86_64-1.0.0-0a1b2c3d',
    description: 'web 1.0.0',
    ownerId: '100000000000',
    isOwn: true,
    state: 'available',
    createdAt: '2026-11-01T00:00:00.000Z',
    deprecatedAt: '2027-11-01T00:00:00.000Z',
    deregistrationProtection: 'enabled-with-cooldown',
    architecture: 'x86_64',
    virtualization: 'hvm',
    rootDeviceType: 'ebs',
    rootDeviceName: '/dev/xvda',
    hasEna: true,
    imdsSupport: 'v2.0',
    bootMode: undefined,
    tpmSupport: undefined,
    isPublic: false,
    sharedWith: [],
    productCodes: [],
    devices: [aRootDevice()],
    tags: { Name: 'web' },
    source: {
      imageId: 'ami-00000000000000001',
      ownerId: '136693071363',
      ownerAlias: undefined,
      deprecatedAt: undefined,
      hasProductCodes: false,
      httpTokens: 'required',
    },
    account: {
      allowedImages: 'enabled',
      imageBlockPublicAccess: 'block-new-sharing',
      snapshotBlockPublicAccess: 'block-all-sharing',
      isEncryptedByDefault: undefined,
    },
    unknown: [{ fact: 'encryption-by-default', reason: 'Not asked' }],
    ...changes,
  };
}

type Device = ImageMetadata['devices'][number];

export function aRootDevice(changes: Partial<Device> = {}): Device {
  return {
    name: '/dev/xvda',
    snapshotId: 'snap-00000000000000001',
    sizeGib: 8,
    volumeType: 'gp3',
    isEncrypted: false,
    deleteOnTermination: true,
    isEphemeral: false,
    snapshotSharedWith: [],
    ...changes,
  };
}
