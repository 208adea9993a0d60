// Why an image stays. Pure. One rule holds over all others: what is not known keeps an image.
import { IMAGE_TAG, type OwnImage, type UseKind, useKinds } from '../../aws/catalogue-ports.js';
import { RUN_TAG } from '../../aws/ports.js';
import { readScanTags } from '../scan-tags.js';
import type { AccountFacts, ImageDetails, KeepRules } from './image-facts.js';

export interface Reason {
  readonly rule: KeepRule | 'expendable';
  readonly text: string;
}

export type KeepRule =
  | 'tagged'
  | 'pending'
  | 'protected'
  | 'run'
  | 'newest'
  | 'young'
  | UseKind
  | 'shared'
  | 'launched'
  | 'unknown';

/** Tag by which a person keeps an image; its value does not matter. */
export const KEEP_TAG = 'buildimg:keep';

/** Reasons that facts of the whole account give; `rank` is from 1, the newest, among images that can be launched. */
export function findReasons(image: OwnImage, rank: number | undefined, scope: KeepScope): readonly Reason[] {
  return [...keptByItself(image, scope), ...keptByAge(image, rank, scope), ...keptByUse(image, scope)];
}

/** Reasons that need a question about this very image. */
export function findDetailedReasons(
  image: OwnImage,
  details: ImageDetails | undefined,
  scope: KeepScope,
): readonly Reason[] {
  if (details === undefined) return reason(true, 'unknown', 'Whom it is shared with was not asked');
  const { sharedWith, lastLaunch } = details;
  return [...keptBySharing(image, sharedWith, scope), ...keptByLaunch(lastLaunch, scope)];
}

/** Why an image goes that nothing keeps. */
export function describeEnd(image: OwnImage, details: ImageDetails | undefined, { facts, rules }: KeepScope): string {
  const lastLaunch = details?.lastLaunch;
  const launched = lastLaunch !== undefined && 'value' in lastLaunch ? lastLaunch.value : undefined;
  const parts = [
    image.state === 'available' ? `is not among the newest ${rules.keep}` : `is ${image.state}`,
    `${formatDays(ageOf(image, facts.now))} old`,
    launched === undefined ? 'never launched' : `last launched on ${launched.slice(0, 10)}`,
    'nothing uses it',
  ];
  return parts.join(', ');
}

export interface KeepScope {
  readonly facts: AccountFacts;
  readonly rules: KeepRules;
}

function keptByItself(image: OwnImage, { facts: { runs, now } }: KeepScope): readonly Reason[] {
  const { tags, state, isProtected } = image;
  const run = tags[RUN_TAG];
  // Between CreateImage and its scan an image looks finished, and its journal may be on another machine.
  const mayBeInMaking =
    run !== undefined && !runs.known.has(run) && readScanTags(image) === undefined && ageOf(image, now) < DAY_MS;
  return [
    ...reason(tags[KEEP_TAG] !== undefined, 'tagged', `carries the tag ${KEEP_TAG}`),
    ...reason(state === 'pending', 'pending', 'is pending'),
    ...reason(isProtected, 'protected', 'is protected from deregistration'),
    ...reason(run !== undefined && runs.alive.has(run), 'run', `its run ${run} is alive`),
    ...reason(mayBeInMaking, 'run', `its run ${run} is of another machine, and may be alive`),
  ];
}

function keptByAge(image: OwnImage, rank: number | undefined, { facts, rules }: KeepScope): readonly Reason[] {
  const isNewest = rank !== undefined && rank <= rules.keep;
  const place = rank === 1 ? 'the newest' : `number ${rank} of the newest ${rules.keep}`;
  const age = ageOf(image, facts.now);
  // A date that cannot be read says nothing about the age.
  const isOld = age >= rules.olderThanMs;
  return [
    ...reason(isNewest, 'newest', `is ${place} of ${image.tags[IMAGE_TAG]} for ${image.architecture}`),
    ...reason(!isOld, 'young', describeYouth(age, rules)),
  ];
}

function describeYouth(age: number, { olderThanMs }: KeepRules): string {
  const limit = formatDays(olderThanMs);
  if (Number.isNaN(age)) return `is of unknown age, not known to be older than ${limit}`;
  return `is ${formatDays(age)} old, younger than ${limit}`;
}

function keptByUse({ id }: OwnImage, { facts: { uses }, rules }: KeepScope): readonly Reason[] {
  return useKinds.flatMap((kind) => {
    const known = uses[kind];
    if ('unknown' in known) return reason(true, 'unknown', `${NAMES[kind].unknown} is not known: ${known.unknown}`);
    const users = known.value
      .filter(({ imageId, user }) => imageId === id && !(kind === 'parameter' && rules.isIgnored(user)))
      .map(({ user }) => user);
    return reason(users.length > 0, kind, `${NAMES[kind].use} ${listSome([...new Set(users)])}`);
  });
}

const NAMES: Readonly<Record<UseKind, { readonly use: string; readonly unknown: string }>> = {
  instance: { use: 'runs as instance', unknown: 'Whether an instance runs it' },
  'launch-template': { use: 'is launched by launch template', unknown: 'Whether a launch template names it' },
  parameter: { use: 'is named by SSM parameter', unknown: 'Whether an SSM parameter names it' },
  environment: { use: 'is used by Elastic Beanstalk environment', unknown: 'Whether an environment uses it' },
  platform: { use: 'is the image of custom platform', unknown: 'Whether a custom platform is made of it' },
};

function keptBySharing(
  { isPublic }: OwnImage,
  sharedWith: ImageDetails['sharedWith'],
  { rules: { takesShared } }: KeepScope,
): readonly Reason[] {
  if (takesShared) return [];
  if (isPublic) return reason(true, 'shared', 'is public');
  if ('unknown' in sharedWith) {
    return reason(true, 'unknown', `Whom it is shared with is not known: ${sharedWith.unknown}`);
  }
  return reason(sharedWith.value.length > 0, 'shared', `is shared with ${listSome(sharedWith.value)}`);
}

function keptByLaunch(lastLaunch: ImageDetails['lastLaunch'], { facts, rules }: KeepScope): readonly Reason[] {
  if ('unknown' in lastLaunch) {
    return reason(true, 'unknown', `When it was launched last is not known: ${lastLaunch.unknown}`);
  }
  const { value: time } = lastLaunch;
  if (time === undefined) return [];
  const isUnused = facts.now - Date.parse(time) >= rules.unusedForMs;
  return reason(!isUnused, 'launched', `was launched on ${time.slice(0, 10)}, within ${formatDays(rules.unusedForMs)}`);
}

function reason(isSo: boolean, rule: KeepRule, text: string): readonly Reason[] {
  return isSo ? [{ rule, text }] : [];
}

const DAY_MS = 86_400_000;

function ageOf({ createdAt }: OwnImage, now: number): number {
  return now - Date.parse(createdAt);
}

/** `90 days`, `5 hours`. */
function formatDays(ms: number): string {
  const [count, unit] = ms >= DAY_MS ? [Math.floor(ms / DAY_MS), 'day'] : [Math.floor(ms / 3_600_000), 'hour'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

const MOST_NAMED = 3;

function listSome(names: readonly string[]): string {
  const others = names.length - MOST_NAMED;
  return `${names.slice(0, MOST_NAMED).join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
}
