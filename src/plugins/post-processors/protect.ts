import type { PostProcessor } from '../types.js';

export const protect: PostProcessor = {
  name: 'protect',
  summary: 'keeps the AMI and its copies from being deregistered',
  planSteps({ protect: protection }) {
    return protection === undefined ? [] : [{ kind: 'protect', ...protection }];
  },
};
