import type { PostProcessor } from '../types.js';

export const tag: PostProcessor = {
  name: 'tag',
  summary: 'tags the AMI and its copies',
  planSteps({ tags }) {
    return Object.keys(tags).length === 0 ? [] : [{ kind: 'tag', tags }];
  },
};
