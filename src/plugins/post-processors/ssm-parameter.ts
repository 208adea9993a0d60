import { fillName } from '../../config/publish-names.js';
import type { PostProcessor } from '../types.js';

export const ssmParameter: PostProcessor = {
  name: 'ssm-parameter',
  summary: 'writes the id of the AMI into SSM parameters',
  planSteps({ parameter }, { names }) {
    return (['versioned', 'latest'] as const).flatMap((role) => {
      const name = parameter[role];
      return name === undefined ? [] : [{ kind: 'ssm-parameter', role, name: fillName(name, names) } as const];
    });
  },
};
