import type { PostProcessor } from '../types.js';

export const share: PostProcessor = {
  name: 'share',
  summary: 'lets accounts, organizations, organizational units or everybody launch the AMI',
  planSteps({ grantees, sharesSnapshots }) {
    const { accounts, organizations, organizationalUnits, isPublic } = grantees;
    const isShared = isPublic || [accounts, organizations, organizationalUnits].some((list) => list.length > 0);
    return isShared ? [{ kind: 'share', grantees, sharesSnapshots }] : [];
  },
};
