export interface PlatformName {
  readonly region: string;
  readonly name: string;
  readonly version: string;
}

/** ARN of a custom platform version of an account. */
export function formatPlatformArn({ region, name, version }: PlatformName, accountId: string): string {
  return `arn:aws:elasticbeanstalk:${region}:${accountId}:platform/${name}/${version}`;
}

/** Group of CloudWatch Logs that Packer's output goes to; its stream is the version. */
export function platformLogGroup(name: string): string {
  return `/aws/elasticbeanstalk/platform/${name}`;
}

/** Compares versions of three numbers. */
export function compareVersions(one: string, other: string): number {
  const [first, second] = [one, other].map((version) => version.split('.').map(Number));
  const difference = [0, 1, 2]
    .map((index) => (first?.[index] ?? 0) - (second?.[index] ?? 0))
    .find((each) => each !== 0);
  return difference ?? 0;
}
