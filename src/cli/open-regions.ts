import { type AwsAccess, createAwsAccess } from '../aws/create-aws-access.js';
import { findRegion } from '../aws/find-region.js';
import { type BuildContext, createBuildContext } from '../build/context.js';
import { mapLimit } from '../map-limit.js';
import { abortOnSignal } from './abort-on-signal.js';
import type { CliContext } from './cli-context.js';
import { openTarget } from './open-target.js';
import { createReporter } from './reporters/create-reporter.js';

export interface RegionOptions {
  readonly region?: readonly string[];
  readonly sandbox?: boolean;
  readonly json?: boolean;
}

/** One region that a command works in. */
export interface RegionScope {
  readonly aws: AwsAccess;
  readonly context: BuildContext;
  readonly signal: AbortSignal;
}

export interface OpenRegions {
  readonly signal: AbortSignal;
  /** Endpoint other than AWS's. */
  readonly endpoint: string | undefined;
  /** Answers in the order of the regions. Throws the first error, when all have ended. */
  readonly forEach: <T>(act: (scope: RegionScope) => Promise<T>) => Promise<readonly T[]>;
}

const REGIONS_AT_ONCE = 4;

/** Opens the regions that were asked for, or the usual one. Errors: AWS_REGION_MISSING. */
export async function withRegions<T>(
  options: RegionOptions,
  cli: CliContext,
  act: (regions: OpenRegions) => Promise<T>,
): Promise<T> {
  const interruption = abortOnSignal();
  const { signal } = interruption;
  const reporter = createReporter(cli, { ndjson: false });
  const context = createBuildContext(cli.environment, (event) => reporter.receive(event));
  let accesses: readonly AwsAccess[] = [];
  try {
    const { aws } = await openTarget({ images: [], isSandbox: options.sandbox === true, signal }, cli);
    const names = options.region ?? [await findRegion(undefined, aws.environment)];
    accesses = [...new Set(names)].map((region) => createAwsAccess({ region, ...aws }));
    return await act({
      signal,
      endpoint: aws.endpoint,
      async forEach(visit) {
        const results = await mapLimit(accesses, REGIONS_AT_ONCE, (access) => visit({ aws: access, context, signal }));
        return results.map((result) => {
          if (result.status === 'rejected') throw result.reason;
          return result.value;
        });
      },
    });
  } finally {
    reporter.close();
    for (const access of accesses) access.close();
    interruption.stop();
  }
}
