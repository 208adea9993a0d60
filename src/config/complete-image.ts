import type { ImageInput } from './config-input.js';
import { findProvisionerManifest, listProvisionerManifests } from './find-provisioner-manifest.js';
import { optionsValidators } from './generated/validators.js';

export interface WrittenOutProvisioner {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * A checked image, of which a matrix has made one, with everything written out that may be left unsaid and that the schema
 * cannot fill in: provisioners with their options, at the end those that always come last, and the machine. What it
 * returns, completed again, stays the same. Pure.
 */
export function completeImage(image: ImageInput): ImageInput {
  const written = (image.provisioners ?? []).map(writeOutProvisioner);
  const missing = listProvisionerManifests()
    .filter(({ name, position }) => position === 'last' && !written.some((one) => one.name === name))
    .map(({ name }) => writeOutProvisioner(name));
  const provisioners = [...written, ...missing].map(({ name, options }) => ({ [name]: options }));
  return {
    ...image,
    ...completeMachine(image),
    provisioners: provisioners as unknown as NonNullable<ImageInput['provisioners']>,
  };
}

function completeMachine({
  architecture = 'x86_64',
  builder,
}: ImageInput): Pick<ImageInput, 'architecture' | 'builder'> {
  const instanceType = builder?.instanceType ?? DEFAULT_INSTANCE_TYPES[architecture];
  return { architecture, builder: { ...builder, instanceType } };
}

const DEFAULT_INSTANCE_TYPES = { x86_64: 'c7i.large', arm64: 'c7g.large' } as const;

/** An entry of `provisioners` as name and options, the defaults of the provisioner's schema among them. */
export function writeOutProvisioner(entry: string | object): WrittenOutProvisioner {
  const [name, given] = typeof entry === 'string' ? [entry, {}] : (Object.entries(entry)[0] ?? ['', {}]);
  const options: Record<string, unknown> = { ...(given as object) };
  // The validator fills defaults in; the options were checked before.
  optionsValidators.get(name)?.(options);
  return { name: findProvisionerManifest(name)?.name ?? name, options };
}
