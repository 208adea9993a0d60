export interface InstanceType {
  readonly name: string;
  readonly architecture: 'x86_64' | 'arm64';
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly isBurstable: boolean;
}

interface Size {
  readonly vcpus: number;
  /** Memory per vCPU comes from the family, except for burstable types, whose small sizes have less. */
  readonly burstableMib?: number;
}

const SIZES: Readonly<Record<string, Size>> = {
  nano: { vcpus: 2, burstableMib: 512 },
  micro: { vcpus: 2, burstableMib: 1024 },
  small: { vcpus: 2, burstableMib: 2048 },
  medium: { vcpus: 2, burstableMib: 4096 },
  large: { vcpus: 2, burstableMib: 8192 },
  xlarge: { vcpus: 4, burstableMib: 16_384 },
  '2xlarge': { vcpus: 8, burstableMib: 32_768 },
  '4xlarge': { vcpus: 16 },
  '8xlarge': { vcpus: 32 },
  '12xlarge': { vcpus: 48 },
  '16xlarge': { vcpus: 64 },
  '24xlarge': { vcpus: 96 },
};
const GIB_PER_VCPU: Readonly<Record<string, number>> = { c: 2, m: 4, r: 8, t: 4 };

/** Whatever follows AWS's naming of a general-purpose family; the machine itself is always a small one. */
export function findInstanceType(name: string): InstanceType | undefined {
  const match = /^([cmrt])([1-9])([a-z]{0,4})\.([a-z0-9]+)$/.exec(name);
  if (match === null) return undefined;
  const [, family = '', generation = '', options = '', sizeName = ''] = match;
  const size = Object.hasOwn(SIZES, sizeName) ? SIZES[sizeName] : undefined;
  if (size === undefined) return undefined;
  const isBurstable = family === 't';
  if (isBurstable && size.burstableMib === undefined) return undefined;
  if (!isBurstable && Number(generation) > 4 && size.burstableMib !== undefined && size.burstableMib < 4096)
    return undefined;
  const vcpus = size.vcpus;
  return {
    name,
    // Graviton's letter stands right behind the generation: m7g, c7gn, t4g.
    architecture: options.startsWith('g') || name.startsWith('a1.') ? 'arm64' : 'x86_64',
    vcpus,
    memoryMib: (isBurstable ? size.burstableMib : undefined) ?? vcpus * (GIB_PER_VCPU[family] ?? 4) * 1024,
    isBurstable,
  };
}
