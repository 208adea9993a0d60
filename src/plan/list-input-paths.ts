import { provisionerManifests } from '../config/generated/provisioners.js';
import type { ProvisionerManifest } from '../config/provisioner-manifest.js';
import type { ProvisionerConfig, ResolvedImage } from '../config/resolved-config.js';

/** Absolute paths of the user's files and folders that planning `image` needs facts about, sorted, each once. */
export function listInputPaths(image: ResolvedImage): readonly string[] {
  const folders = [image.platform?.hooks, image.platform?.files, image.beanstalk?.bundle].filter(
    (folder) => folder !== undefined,
  );
  return [...new Set([...image.provisioners.flatMap(listPathOptions), ...folders])].sort();
}

/** The options that the provisioner's manifest marks with `format: path`. */
function listPathOptions({ name, options }: ProvisionerConfig): readonly string[] {
  const manifest = manifestsByName.get(name);
  const pathOptions = Object.entries(manifest?.options.properties ?? {}).filter(
    ([, schema]) => schema.format === 'path',
  );
  return pathOptions.flatMap(([option]) => {
    const value = options[option];
    return typeof value === 'string' ? [value.replace(/(?<!\/)\/+$/, '')] : [];
  });
}

const manifestsByName: ReadonlyMap<string, ProvisionerManifest> = new Map(
  Object.values(provisionerManifests).map((manifest) => [manifest.name, manifest]),
);
