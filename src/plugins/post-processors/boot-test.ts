import type { PostProcessor } from '../types.js';

export const bootTest: PostProcessor = {
  name: 'boot-test',
  summary: 'launches the AMI and waits until it is up',
  planSteps({ bootTest: test }) {
    return test === undefined ? [] : [{ kind: 'boot-test', ...test }];
  },
};
