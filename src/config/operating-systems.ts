// The operating systems that `source: { os: … }` knows, with where their publishers put the images. Owners are pinned to
// accounts, never left to a name alone: anybody may publish an image of any name (the whoAMI attack).
// Sources: Debian https://wiki.debian.org/Cloud/AmazonEC2Image; Canonical https://documentation.ubuntu.com/aws/;
// Amazon https://docs.aws.amazon.com/linux/al2023/ug/ec2.html; Red Hat https://access.redhat.com/solutions/15356;
// Rocky https://rockylinux.org/download; AlmaLinux https://wiki.almalinux.org/cloud/AWS.html.
import type { Architecture } from './resolved-config.js';

export type OperatingSystemFamily = 'debian' | 'redhat' | 'amazon';

export interface PublishedImage {
  /** DescribeImages `name` filter; `*` matches any run of characters. The newest match is the current release. */
  readonly nameFilter: string;
  /** SSM public parameter that holds the id of the current image; undefined where the publisher has none. */
  readonly ssmParameter?: string;
}

/** What `os` may say. */
export const operatingSystemNames = [
  'debian-12',
  'debian-13',
  'ubuntu-22.04',
  'ubuntu-24.04',
  'amazon-linux-2023',
  'rhel-9',
  'rocky-9',
  'almalinux-9',
] as const;
type OperatingSystemName = (typeof operatingSystemNames)[number];

export interface OperatingSystem {
  readonly name: OperatingSystemName;
  readonly family: OperatingSystemFamily;
  /** Accounts that publish the images. */
  readonly owners: readonly string[];
  /** The account that cloud-init gives the launch key to. */
  readonly loginUser: string;
  readonly rootDeviceName: string;
  readonly images: Readonly<Partial<Record<Architecture, PublishedImage>>>;
}

/** The operating system called `name`, if it is one that is known. */
export function findOperatingSystem(name: string): OperatingSystem | undefined {
  return operatingSystems.find((known) => known.name === name);
}

/** The login user of images that `owner` publishes, if all systems of that account agree on one. */
export function findLoginUserOfOwner(owner: string): string | undefined {
  const users = new Set(
    operatingSystems.filter((known) => known.owners.includes(owner)).map((known) => known.loginUser),
  );
  return users.size === 1 ? [...users][0] : undefined;
}

/** Login user and operating system behind a publisher's SSM public parameter, if it is one of the table's. */
export function findOperatingSystemOfParameter(parameter: string): OperatingSystem | undefined {
  return operatingSystems.find((known) =>
    Object.values(known.images).some((image) => image.ssmParameter === parameter),
  );
}

export const operatingSystems: readonly OperatingSystem[] = [
  debian('debian-12', '12'),
  debian('debian-13', '13'),
  ubuntu('ubuntu-22.04', { codename: 'jammy', version: '22.04', namePrefix: 'hvm-ssd', volume: 'ebs-gp2' }),
  ubuntu('ubuntu-24.04', { codename: 'noble', version: '24.04', namePrefix: 'hvm-ssd-gp3', volume: 'ebs-gp3' }),
  {
    name: 'amazon-linux-2023',
    family: 'amazon',
    owners: ['137112412989'],
    loginUser: 'ec2-user',
    rootDeviceName: '/dev/xvda',
    images: {
      x86_64: {
        nameFilter: 'al2023-ami-2023.*-x86_64',
        ssmParameter: '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64',
      },
      arm64: {
        nameFilter: 'al2023-ami-2023.*-arm64',
        ssmParameter: '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64',
      },
    },
  },
  {
    name: 'rhel-9',
    family: 'redhat',
    owners: ['309956199498'],
    loginUser: 'ec2-user',
    rootDeviceName: '/dev/sda1',
    // `_HVM-` keeps betas out: those are called `_HVM_BETA-`.
    images: {
      x86_64: { nameFilter: 'RHEL-9.*_HVM-*-x86_64-*-Hourly2-GP3' },
      arm64: { nameFilter: 'RHEL-9.*_HVM-*-arm64-*-Hourly2-GP3' },
    },
  },
  {
    name: 'rocky-9',
    family: 'redhat',
    owners: ['792107900819'],
    loginUser: 'rocky',
    rootDeviceName: '/dev/sda1',
    images: {
      x86_64: { nameFilter: 'Rocky-9-EC2-Base-9.*.x86_64' },
      arm64: { nameFilter: 'Rocky-9-EC2-Base-9.*.aarch64' },
    },
  },
  {
    name: 'almalinux-9',
    family: 'redhat',
    owners: ['764336703387'],
    loginUser: 'ec2-user',
    rootDeviceName: '/dev/sda1',
    images: {
      x86_64: { nameFilter: 'AlmaLinux OS 9.* x86_64*' },
      arm64: { nameFilter: 'AlmaLinux OS 9.* aarch64*' },
    },
  },
];

function debian(name: OperatingSystemName, version: string): OperatingSystem {
  return {
    name,
    family: 'debian',
    owners: ['136693071363'],
    loginUser: 'admin',
    rootDeviceName: '/dev/xvda',
    images: {
      x86_64: {
        nameFilter: `debian-${version}-amd64-*`,
        ssmParameter: `/aws/service/debian/release/${version}/latest/amd64`,
      },
      arm64: {
        nameFilter: `debian-${version}-arm64-*`,
        ssmParameter: `/aws/service/debian/release/${version}/latest/arm64`,
      },
    },
  };
}

interface UbuntuRelease {
  readonly codename: string;
  readonly version: string;
  readonly namePrefix: string;
  readonly volume: string;
}

function ubuntu(name: OperatingSystemName, { codename, version, namePrefix, volume }: UbuntuRelease): OperatingSystem {
  const parameter = (architecture: string) =>
    `/aws/service/canonical/ubuntu/server/${version}/stable/current/${architecture}/hvm/${volume}/ami-id`;
  const nameFilter = (architecture: string) =>
    `ubuntu/images/${namePrefix}/ubuntu-${codename}-${version}-${architecture}-server-*`;
  return {
    name,
    family: 'debian',
    owners: ['099720109477'],
    loginUser: 'ubuntu',
    rootDeviceName: '/dev/sda1',
    images: {
      x86_64: { nameFilter: nameFilter('amd64'), ssmParameter: parameter('amd64') },
      arm64: { nameFilter: nameFilter('arm64'), ssmParameter: parameter('arm64') },
    },
  };
}
