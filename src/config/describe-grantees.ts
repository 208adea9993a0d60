import type { Grantees } from './publish-config.js';

/** `everybody, accounts 111122223333, organizations o-…`. */
export function describeGrantees({ accounts, organizations, organizationalUnits, isPublic }: Grantees): string {
  const lists = [
    ['accounts', accounts],
    ['organizations', lastParts(organizations)],
    ['organizational units', lastParts(organizationalUnits)],
  ] as const;
  return [
    ...(isPublic ? ['everybody'] : []),
    ...lists.flatMap(([what, list]) => (list.length === 0 ? [] : [`${what} ${list.join(' ')}`])),
  ].join(', ');
}

/** `o-…` of `arn:…/o-…`. */
function lastParts(arns: readonly string[]): readonly (string | undefined)[] {
  return arns.map((arn) => arn.split('/').at(-1));
}
