// What packer makes, as EC2 shows it while packer runs. Its output is no witness for that (see packer/read-launch.ts), and the
// journal needs to know of an instance and of a pending image before somebody kills this process.
import type { ResourceKind } from '../events.js';
import type { BuildImageRequest } from './build-request.js';
import type { BuildContext } from './context.js';
import { findOwnImages } from './find-traces.js';
import type { Run } from './run.js';

export interface PackerWatch {
  /** From now on there may be an image. */
  expectImage(): void;
  /** Ends the watch; what is being looked at is finished. Never throws. */
  stop(): Promise<void>;
}

export interface PackerWatchOptions {
  readonly request: Pick<BuildImageRequest, 'aws'>;
  readonly context: Pick<BuildContext, 'clock'>;
  readonly run: Pick<Run, 'id' | 'findTraces'>;
  /** Called once for each. */
  readonly onFound: (kind: ResourceKind, id: string) => void;
}

/** A launch takes EC2 seconds, a capture minutes. */
const LOOK_INTERVAL_MS = 2000;

/** Looks until the instance is there, and from `expectImage` on until the image is. */
export function watchPacker({
  request,
  context,
  run: { id: run, findTraces },
  onFound,
}: PackerWatchOptions): PackerWatch {
  const { resources } = request.aws;
  const stopped = new AbortController();

  async function findInstance(): Promise<boolean> {
    const instances = await resources.findInstances({ run, keyNames: [] });
    for (const { id } of instances) onFound('instance', id);
    return instances.length > 0;
  }

  async function findImage(): Promise<boolean> {
    const traces = findTraces();
    if (traces === undefined) return false;
    const instances = await resources.findInstances({ run, keyNames: [] });
    const images = await findOwnImages(resources, traces, instances);
    for (const { id } of images) onFound('image', id);
    return images.length > 0;
  }

  async function lookUntil(isFound: () => Promise<boolean>): Promise<void> {
    while (!stopped.signal.aborted) {
      // A look that failed is repeated; what a run made is looked for once more when packer has ended.
      if (await isFound().catch(() => false)) return;
      await context.clock.sleep(LOOK_INTERVAL_MS, stopped.signal).catch(() => undefined);
    }
  }

  const looks = [lookUntil(findInstance)];
  return {
    expectImage: () => void looks.push(lookUntil(findImage)),
    async stop() {
      stopped.abort();
      for (const look of looks) await look;
    },
  };
}
