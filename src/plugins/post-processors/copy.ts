import type { PostProcessor } from '../types.js';

export const copy: PostProcessor = {
  name: 'copy',
  summary: 'copies the AMI to other regions',
  planSteps({ regions }) {
    return regions.length === 0 ? [] : [{ kind: 'copy', regions }];
  },
};
