// Words of the scan that a config, the command line and the scanner share. They stand here because the scanner may know
// the config, and not the other way round.

export const policyNames = ['baseline', 'shared', 'marketplace', 'cis-l1'] as const;
export type PolicyName = (typeof policyNames)[number];

/** From worst to least. */
export const severities = ['critical', 'high', 'medium', 'low', 'info'] as const;
export type Severity = (typeof severities)[number];

/** From which severity on a scan fails; `none`: it never does. */
export const failOnNames = ['critical', 'high', 'medium', 'low', 'none'] as const;
export type FailOn = (typeof failOnNames)[number];
