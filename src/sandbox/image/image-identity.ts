// Who publishes which OS on EC2, so that a sandbox image is found the way the real one is: owner, SSM parameter, name.
// Sources: wiki.debian.org/Cloud/AmazonEC2Image, documentation.ubuntu.com/aws (Canonical's SSM parameters),
// docs.aws.amazon.com/linux/al2023/ug/ec2.html.

import type { ImageIdentity } from './base-image.js';

const DEBIAN = { ownerId: '136693071363', rootDeviceName: '/dev/xvda', loginUser: 'admin' };
const CANONICAL = { ownerId: '099720109477', rootDeviceName: '/dev/sda1', loginUser: 'ubuntu' };
const AMAZON = { ownerId: '137112412989', rootDeviceName: '/dev/xvda', loginUser: 'ec2-user' };

const IDENTITIES: ReadonlyMap<string, ImageIdentity> = new Map([
  ['debian-12', { ...DEBIAN, ssmParameters: ['/aws/service/debian/release/12/latest/amd64'] }],
  ['debian-13', { ...DEBIAN, ssmParameters: ['/aws/service/debian/release/13/latest/amd64'] }],
  ['ubuntu-22.04', { ...CANONICAL, ssmParameters: [ubuntuParameter('22.04', 'gp2')] }],
  ['ubuntu-24.04', { ...CANONICAL, ssmParameters: [ubuntuParameter('24.04', 'gp3')] }],
  [
    'amazon-linux-2023',
    { ...AMAZON, ssmParameters: ['/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64'] },
  ],
]);

/** An unknown OS belongs to the sandbox's first account and has no public parameter. */
export function getImageIdentity(os: string): ImageIdentity {
  return (
    IDENTITIES.get(os) ?? {
      ownerId: '123456789012',
      rootDeviceName: '/dev/xvda',
      loginUser: 'ec2-user',
      ssmParameters: [],
    }
  );
}

function ubuntuParameter(release: string, volumeType: string): string {
  return `/aws/service/canonical/ubuntu/server/${release}/stable/current/amd64/hvm/ebs-${volumeType}/ami-id`;
}
