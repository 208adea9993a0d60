import type { FoundResource } from '../../aws/ports.js';
import { communicatorOf } from '../../config/communicator-of.js';
import type { Communicator, LocalFile } from '../../plugins/types.js';
import type { ImageBuild } from '../build-request.js';
import { launchInstance } from './launch-instance.js';

/** What a build has before it has an instance. */
export interface Means {
  readonly communicator: Communicator;
  /** Undefined: the image brings no files. */
  readonly payload: LocalFile | undefined;
}

const ALIVE = ['pending', 'running', 'stopping', 'stopped'];

/** The instance of an earlier attempt, if it can still be worked on; else a new one. */
export async function findOrLaunch(build: ImageBuild, { communicator, payload }: Means): Promise<string> {
  const { plan, run, request, context } = build;
  const { aws, interruption } = request;
  const known = await aws.resources.findInstances({ run: run.id, keyNames: [] });
  const alive = known.find(({ state }) => ALIVE.includes(state));
  const access = await communicator.prepareLaunch(payload);
  if (alive !== undefined && !isLocked(alive, build)) {
    run.learn('instance', alive.id);
    return alive.id;
  }
  if (alive !== undefined) await aws.resources.terminateInstances([alive.id]);
  return await launchInstance(plan, {
    instances: aws.instances,
    run,
    access,
    attempt: known.length,
    context,
    signal: interruption.signal,
  });
}

/** Nobody can log in any more once it was being sealed, and whether it came to the end nobody can ask. */
function isLocked({ id, state }: FoundResource, { plan, request }: ImageBuild): boolean {
  if (communicatorOf(plan.builder) !== 'ssh' || state === 'stopping' || state === 'stopped') return false;
  const records = request.resume?.records ?? [];
  return records.some(
    (record) => record.kind === 'intended' && record.operation === 'seal' && record.instanceId === id,
  );
}
