import { provisionerManifests } from './generated/provisioners.js';
import type { ProvisionerManifest } from './provisioner-manifest.js';

const manifestsByName = new Map(provisionerManifests.map((manifest) => [manifest.name, manifest]));

/** The manifest of the provisioner called `name`, if there is one. */
export function findProvisionerManifest(name: string): ProvisionerManifest | undefined {
  return manifestsByName.get(name);
}

/** Every provisioner that is known, by name. */
export function listProvisionerManifests(): readonly ProvisionerManifest[] {
  return provisionerManifests;
}

/** Names of the options that are paths of the config: `format: path` in the provisioner's schema. */
export function listPathOptions(manifest: ProvisionerManifest): readonly string[] {
  return Object.entries(manifest.options.properties ?? {})
    .filter(([, option]) => option.format === 'path' || option.items?.format === 'path')
    .map(([name]) => name);
}
