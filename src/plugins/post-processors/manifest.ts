import type { PostProcessor } from '../types.js';

export const manifest: PostProcessor = {
  name: 'manifest',
  summary: 'writes what was published to a file',
  planSteps({ manifestFile: file }) {
    return file === undefined ? [] : [{ kind: 'manifest', file }];
  },
};
