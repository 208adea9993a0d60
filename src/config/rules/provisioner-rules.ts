import { listImageFolders } from '../image-folders.js';
import { listWrittenPaths } from '../inspect-paths.js';
import { draftProblem, type ProblemDraft } from '../problem.js';
import { type ImageRule, listProvisioners } from './image-rule.js';

/** `seal` removes what the build left behind: whatever ran after it would leave something again. */
export const sealIsLast: ImageRule = (image, { path }) => {
  const provisioners = listProvisioners(image, path).filter(({ manifest }) => manifest.position === 'last');
  const lastIndex = (image.provisioners ?? []).length - 1;
  return provisioners.flatMap(({ name, path: place }, position): readonly ProblemDraft[] => {
    const isRepeatedLater = provisioners.slice(position + 1).some((other) => other.name === name);
    if (isRepeatedLater) return [draftProblem('CONFIG_PROVISIONER_TWICE', { path: place }, [name])];
    if (place.at(-1) === lastIndex) return [];
    return [draftProblem('CONFIG_PROVISIONER_NOT_LAST', { path: place }, [name])];
  });
};

/** Paths are relative to the config, stay in its folder, and are there. */
export const pathsAreInsideRoot: ImageRule = (image, { path, pathFacts, showValue }) =>
  [...listProvisioners(image, path).flatMap(listWrittenPaths), ...listImageFolders(image, path)].flatMap(
    ({ text, path: place }): readonly ProblemDraft[] => {
      const fact = pathFacts.get(text);
      const shown = showValue(place, text);
      const at = { path: place };
      switch (fact?.kind) {
        case 'outside':
          return [draftProblem('CONFIG_PATH_OUTSIDE', at, [shown, 'is outside of'])];
        case 'outside-by-link':
          return [draftProblem('CONFIG_PATH_OUTSIDE', at, [shown, 'leads by a symbolic link out of'])];
        case 'missing':
          return [draftProblem('CONFIG_PATH_MISSING', at, [shown, fact.near])];
        case 'special':
          return [draftProblem('CONFIG_PATH_KIND', at, [shown, 'neither a file nor a folder'])];
        case 'unreadable':
          return [draftProblem('CONFIG_PATH_KIND', at, [shown, 'not readable'])];
        case 'file':
        case 'folder':
        case undefined:
        default:
          return [];
      }
    },
  );

/** One script a step: two would leave open which runs first. */
export const shellHasOneSource: ImageRule = (image, { path, pathFacts, showValue }) =>
  listProvisioners(image, path)
    .filter(({ name }) => name === 'shell')
    .flatMap(({ options, optionsPath }): readonly ProblemDraft[] => {
      const { script, inline } = options;
      if ((script === undefined) === (inline === undefined)) {
        const given = script === undefined ? 'neither' : 'both';
        return [draftProblem('CONFIG_SHELL_SOURCE', { path: optionsPath, target: 'key' }, [given])];
      }
      if (typeof script !== 'string' || pathFacts.get(script)?.kind !== 'folder') return [];
      const place = [...optionsPath, 'script'];
      return [draftProblem('CONFIG_PATH_KIND', { path: place }, [showValue(place, script), 'a folder, not a script'])];
    });

/** `..` in a destination says one thing and writes another. */
export const destinationsArePlain: ImageRule = (image, { path, showValue }) =>
  listProvisioners(image, path)
    .filter(({ name }) => name === 'file')
    .flatMap(({ options, optionsPath }): readonly ProblemDraft[] => {
      const { destination } = options;
      if (typeof destination !== 'string') return [];
      const place = [...optionsPath, 'destination'];
      const isPlain = !destination.split('/').some((part) => part === '..' || part === '.');
      if (isPlain && !/[\n\r\t]/.test(destination)) return [];
      const what = isPlain ? 'contains a line break or a tab' : 'contains "." or ".." as a part';
      return [draftProblem('CONFIG_DESTINATION', { path: place }, [`${showValue(place, destination)} ${what}`])];
    });
