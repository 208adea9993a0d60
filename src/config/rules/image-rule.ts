import type { ValueShower } from '../check-shape.js';
import type { PartialImage } from '../config-input.js';
import type { ConfigPath } from '../config-path.js';
import { findProvisionerManifest } from '../find-provisioner-manifest.js';
import type { PathFact } from '../inspect-paths.js';
import type { ProblemDraft } from '../problem.js';
import type { ProvisionerManifest } from '../provisioner-manifest.js';

/** What belongs together within one image. Pure; sees what has the right shape, so every field may be missing. */
export type ImageRule = (image: PartialImage, context: RuleContext) => readonly ProblemDraft[];

export interface RuleContext extends ValueShower {
  /** Of the image. */
  readonly path: ConfigPath;
  /** What stands at each path that the config names, as it is written there. */
  readonly pathFacts: ReadonlyMap<string, PathFact>;
  /** Whether a text holds the value of a secret variable. */
  readonly isSecret: (text: string) => boolean;
}

export interface WrittenProvisioner {
  readonly name: string;
  readonly manifest: ProvisionerManifest;
  readonly options: Readonly<Record<string, unknown>>;
  /** Of its entry in the list. */
  readonly path: ConfigPath;
  /** Of its options; the same as `path` when only the name is written. */
  readonly optionsPath: ConfigPath;
}

/** The provisioners of an image that are known, in their order. */
export function listProvisioners(image: PartialImage, path: ConfigPath): readonly WrittenProvisioner[] {
  return (image.provisioners ?? []).flatMap((entry, index) => {
    const name = typeof entry === 'string' ? entry : Object.keys(entry ?? {})[0];
    const manifest = name === undefined ? undefined : findProvisionerManifest(name);
    if (name === undefined || manifest === undefined) return [];
    const entryPath = [...path, 'provisioners', index];
    if (typeof entry === 'string') return [{ name, manifest, options: {}, path: entryPath, optionsPath: entryPath }];
    const options = ((entry as Record<string, unknown>)[name] ?? {}) as Readonly<Record<string, unknown>>;
    return [{ name, manifest, options, path: entryPath, optionsPath: [...entryPath, name] }];
  });
}
