import type { PartialImage } from './config-input.js';
import type { ConfigPath } from './config-path.js';

export interface WrittenFolder {
  readonly text: string;
  readonly path: ConfigPath;
}

/** The folders that an image names outside of its provisioners, as they are written. */
export function listImageFolders({ platform, beanstalk }: PartialImage, path: ConfigPath): readonly WrittenFolder[] {
  const folders = [
    [platform?.hooks, ['platform', 'hooks']],
    [platform?.files, ['platform', 'files']],
    [beanstalk?.bundle, ['beanstalk', 'bundle']],
  ] as const;
  return folders.flatMap(([text, keys]) => (text === undefined ? [] : [{ text, path: [...path, ...keys] }]));
}
