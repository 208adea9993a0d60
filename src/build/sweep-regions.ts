// A run leaves things in its own region, and copies of its image in others.
import type { AwsAccess } from '../aws/create-aws-access.js';
import type { ResourceKind } from '../events.js';
import { mapLimit } from '../map-limit.js';
import { type FoundTrace, findTraces, type RunTraces } from './find-traces.js';
import { type LeftResource, type SweepOptions, sweepRun } from './sweep-run.js';

export interface RegionSweep extends Omit<SweepOptions, 'resources' | 'onRemoved'> {
  /** Of the run's region. */
  readonly aws: AwsAccess;
  /** The region is undefined for the run's own. */
  readonly onRemoved: (kind: ResourceKind, id: string, region?: string) => void;
}

const PARALLEL_REGIONS = 8;

/**
 * Removes what a run made in all regions; what would not go away comes back. With `keepImage` the image stays, and so do its
 * copies: then nothing but the run's own region is looked at.
 */
export async function sweepRegions(traces: RunTraces, sweep: RegionSweep): Promise<readonly LeftResource[]> {
  const { aws, onRemoved, ...options } = sweep;
  const swept = await mapLimit(listRegions(traces, sweep.keepImage), PARALLEL_REGIONS, async (region) => {
    const left = await sweepRun(tracesIn(region, traces), {
      ...options,
      resources: region === undefined ? aws.resources : aws.inRegion(region).resources,
      onRemoved: (kind, id) => onRemoved(kind, id, region),
    });
    return left.map((resource) => at(region, resource));
  });
  return swept.flatMap((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

/** What sweepRegions would remove. */
export async function findTracesInRegions(
  traces: RunTraces,
  { aws, keepImage }: Pick<RegionSweep, 'aws' | 'keepImage'>,
): Promise<readonly FoundTrace[]> {
  const found: FoundTrace[] = [];
  for (const region of listRegions(traces, keepImage)) {
    const { resources } = region === undefined ? aws : aws.inRegion(region);
    found.push(...(await findTraces(resources, tracesIn(region, traces), keepImage)).map((each) => at(region, each)));
  }
  return found;
}

function listRegions({ copyRegions = [] }: RunTraces, keepImage: object | undefined): readonly (string | undefined)[] {
  return keepImage === undefined ? [undefined, ...copyRegions] : [undefined];
}

function tracesIn(region: string | undefined, traces: RunTraces): RunTraces {
  return { ...traces, learned: traces.learned.filter((resource) => resource.region === region) };
}

function at<T extends object>(region: string | undefined, resource: T): T & { readonly region?: string } {
  return region === undefined ? resource : { ...resource, region };
}
