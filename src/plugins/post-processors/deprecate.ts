import type { PostProcessor } from '../types.js';

export const deprecate: PostProcessor = {
  name: 'deprecate',
  summary: 'has EC2 deprecate the AMI and its copies after some days',
  planSteps({ deprecateAfterDays: afterDays }) {
    return afterDays === undefined ? [] : [{ kind: 'deprecate', afterDays }];
  },
};
