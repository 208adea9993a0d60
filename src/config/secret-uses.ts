// Where secrets may stand in a config. A step's environment travels beside the template, so that nobody reads it there;
// whatever else a config says is written into files, tags or names, which are no place for a secret.
import type { ConfigPath } from './config-path.js';
import { formatPath } from './config-path.js';
import type { Origin, SecretValue } from './expand-references.js';
import { findProvisionerManifest } from './find-provisioner-manifest.js';
import { draftProblem, type ProblemDraft } from './problem.js';

/** A secret and where the config uses it. */
export interface SecretUse extends SecretValue {
  /** Key below `images`. */
  readonly entry: string;
  /** `images.web.provisioners[0].shell.environment.TOKEN`. */
  readonly where: string;
}

/** Every use of a secret below `images`, in the order of the config. */
export function listSecretUses(origins: ReadonlyMap<string, Origin>): readonly SecretUse[] {
  return [...origins.values()].flatMap(({ path, secrets }) => {
    const [section, entry] = path;
    if (section !== 'images' || typeof entry !== 'string') return [];
    return secrets.filter(({ value }) => value !== '').map((secret) => ({ ...secret, entry, where: formatPath(path) }));
  });
}

/** CONFIG_SECRET_PLACE for each secret that would be written down where others read it. */
export function findMisplacedSecrets(origins: ReadonlyMap<string, Origin>): readonly ProblemDraft[] {
  return [...origins.values()]
    .filter(({ path }) => path[0] === 'images' && !isPlaceForSecrets(path))
    .flatMap(({ path, secrets }) => secrets.map(({ name }) => draftProblem('CONFIG_SECRET_PLACE', { path }, [name])));
}

function isPlaceForSecrets([, , section, ...rest]: ConfigPath): boolean {
  if (section === 'provisioners') return isInEnvironment(rest);
  // Run by SSM on an instance of the image; a plan warns of the history that keeps it.
  return section === 'publish' && rest[0] === 'bootTest' && rest[1] === 'command';
}

/** All options of a provisioner that is a folder of shell are its environment; of `shell` only those called so. */
function isInEnvironment([, name, option]: ConfigPath): boolean {
  const manifest = typeof name === 'string' ? findProvisionerManifest(name) : undefined;
  return manifest?.kind === 'script' || (name === 'shell' && option === 'environment');
}
