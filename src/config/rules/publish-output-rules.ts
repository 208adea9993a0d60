// Where a publication writes to: SSM parameters and a file. What two images of one config would both write to is theirs
// by turns.
import path from 'node:path';
import type { PartialConfig, PartialImage } from '../config-input.js';
import type { ConfigPath } from '../config-path.js';
import { expandMatrix } from '../expand-matrix.js';
import { quoteValue } from '../printable.js';
import { draftProblem, type ProblemDraft } from '../problem.js';
import { fillName, findPlaceholders, namePlaceholders } from '../publish-names.js';
import type { ImageRule } from './image-rule.js';

interface WrittenParameter {
  readonly role: 'versioned' | 'latest';
  readonly name: string;
  readonly path: ConfigPath;
}

function listParameters({ publish }: PartialImage, imagePath: ConfigPath): readonly WrittenParameter[] {
  const parameter = publish?.parameter;
  const at = [...imagePath, 'publish', 'parameter'];
  if (typeof parameter === 'string') return [{ role: 'latest', name: parameter, path: at }];
  return (['versioned', 'latest'] as const).flatMap((role) => {
    const name = parameter?.[role];
    return name === undefined ? [] : [{ role, name, path: [...at, role] }];
  });
}

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html, parameter Name */
export const parametersCanBeWritten: ImageRule = (image, { path }) =>
  listParameters(image, path).flatMap(({ role, name, path }) => {
    const what = findFault(role, name);
    return what === undefined ? [] : [draftProblem('CONFIG_PUBLISH', { path }, what)];
  });

const MAX_LEVELS = 15;

function findFault(role: WrittenParameter['role'], name: string): [what: string, hint?: string] | undefined {
  const shown = quoteValue(name);
  const unknown = findPlaceholders(name).find((placeholder) => !namePlaceholders.includes(placeholder as never));
  if (unknown !== undefined) {
    return [`There is no placeholder {${unknown}}`, `known: ${namePlaceholders.map((each) => `{${each}}`).join(', ')}`];
  }
  if (/^\/?(?:aws|ssm)/i.test(name)) return [`${shown} starts with "aws" or "ssm", which SSM keeps for itself`];
  if (name.includes('/') && !name.startsWith('/')) {
    return [`${shown} has parts, and has to start with "/" then`, `write ${quoteValue(`/${name}`)}`];
  }
  if (name.split('/').length - 1 > MAX_LEVELS) return [`${shown} has more than ${MAX_LEVELS} parts`];
  const isOfVersion = findPlaceholders(name).some((each) => each === 'version' || each === 'inputs');
  if (role === 'versioned' && !isOfVersion) {
    return [`${shown} is the same for every version`, 'put {version} or {inputs} into it'];
  }
  if (role === 'latest' && isOfVersion) return [`${shown} is another for every version`, 'name it under versioned'];
  return undefined;
}

/** A build writes nowhere but below the folder of its config. */
export const manifestIsInsideRoot: ImageRule = ({ publish }, { path: imagePath }) => {
  const { manifest } = publish ?? {};
  if (manifest === undefined) return [];
  const place = { path: [...imagePath, 'publish', 'manifest'] };
  const relative = path.posix.normalize(manifest);
  if (path.isAbsolute(manifest) || relative === '..' || relative.startsWith('../')) {
    return [draftProblem('CONFIG_PATH_OUTSIDE', place, [quoteValue(manifest), 'is outside of'])];
  }
  if (relative !== '.' && !relative.endsWith('/')) return [];
  return [draftProblem('CONFIG_PATH_KIND', place, [quoteValue(manifest), 'a folder, not a file'])];
};

/** Parameters and files that two images of the config write to. */
export function findSharedOutputs(config: PartialConfig): readonly ProblemDraft[] {
  const seen = new Map<string, string>();
  return expandMatrix(config.images ?? {}).flatMap(({ name, entry, image }) => {
    const imagePath = ['images', entry];
    return listOutputs(name, image, imagePath).flatMap(({ keys, what, path }) => {
      const owner = keys.map((key) => seen.get(key)).find((each) => each !== undefined && each !== name);
      for (const key of keys) seen.set(key, seen.get(key) ?? name);
      if (owner === undefined) return [];
      return [draftProblem('CONFIG_PUBLISH', { path }, [`${what} is written by image ${quoteValue(owner)} too`])];
    });
  });
}

interface Output {
  /** Same key, same thing: parameters of the same name in two regions are two. */
  readonly keys: readonly string[];
  readonly what: string;
  readonly path: ConfigPath;
}

function listOutputs(name: string, image: PartialImage, imagePath: ConfigPath): readonly Output[] {
  const { version = '', architecture = 'x86_64', region = 'us-east-1', publish } = image;
  const { regions = [] } = publish ?? {};
  const copies = Array.isArray(regions) ? (regions as readonly string[]) : Object.keys(regions);
  const parameters = listParameters(image, imagePath).map(({ name: written, path }) => {
    const filled = fillName(written, { image: name, version, architecture, inputs: name });
    const keys = [region, ...copies].map((each) => `parameter ${image.profile ?? ''} ${each} ${filled}`);
    return { keys, what: `Parameter ${quoteValue(filled)}`, path };
  });
  const { manifest } = publish ?? {};
  if (manifest === undefined) return parameters;
  const file = path.posix.normalize(manifest);
  return [
    ...parameters,
    { keys: [`file ${file}`], what: `The file ${quoteValue(file)}`, path: [...imagePath, 'publish', 'manifest'] },
  ];
}
