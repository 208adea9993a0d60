import type { AwsAccess } from '../../aws/create-aws-access.js';
import { createError } from '../../errors.js';
import type { BuildContext } from '../context.js';
import type { LeftResource } from '../sweep-run.js';
import { type Decision, decideImages } from './decide-images.js';
import { gatherImageFacts } from './gather-image-facts.js';
import type { KeepRules } from './image-facts.js';
import { type ForgottenSnapshot, findForgottenSnapshots, removeImage, removeSnapshot } from './remove-image.js';

/** What is to become of the images of one region. */
export interface GarbagePlan {
  readonly region: string;
  readonly account: string;
  readonly decisions: readonly Decision[];
  /** Of images that an earlier collection deregistered. */
  readonly snapshots: readonly ForgottenSnapshot[];
}

export interface GarbageScope {
  readonly aws: Pick<AwsAccess, 'region' | 'library' | 'resources' | 'findAccount'>;
  readonly context: BuildContext;
  readonly signal: AbortSignal;
}

/** Decides about every image of ours in the region. Changes nothing. */
export async function planGarbage(rules: KeepRules, { aws, context, signal }: GarbageScope): Promise<GarbagePlan> {
  const { region, library } = aws;
  const account = await aws.findAccount();
  const facts = await gatherImageFacts(rules, { library, context, signal });
  return {
    region,
    account,
    decisions: decideImages(facts, rules),
    snapshots: await findForgottenSnapshots(library),
  };
}

/**
 * Removes what `plan` says, as far as it is still so: people think before they answer, and meanwhile an image may be
 * launched. What would not go away comes back.
 * Errors: CATALOGUE_OTHER_ACCOUNT, when the credentials are those of another account by now.
 */
export async function collectGarbage(
  plan: GarbagePlan,
  rules: KeepRules,
  scope: GarbageScope,
): Promise<readonly LeftResource[]> {
  const { aws, context, signal } = scope;
  const now = await planGarbage(rules, scope);
  if (now.account !== plan.account) throw createError('CATALOGUE_OTHER_ACCOUNT', [plan.account, now.account]);
  const { library, resources } = aws;
  const removal = { library, resources, context, signal };
  const planned = new Set(listRemovals(plan).map(({ id }) => id));
  const left: LeftResource[] = [];
  for (const { id, imageId } of now.snapshots) {
    signal.throwIfAborted();
    left.push(...(await removeSnapshot(id, imageId, removal)));
  }
  for (const image of listRemovals(now)) {
    signal.throwIfAborted();
    if (planned.has(image.id)) left.push(...(await removeImage(image, removal)));
  }
  return left;
}

/** Images that go. */
export function listRemovals({ decisions }: Pick<GarbagePlan, 'decisions'>) {
  return decisions.filter(({ verdict }) => verdict === 'remove').map(({ image }) => image);
}
