import { type AwsFleet, openAwsFleet } from '../aws/aws-fleet.js';
import type { AwsAccess } from '../aws/create-aws-access.js';
import { systemClock } from '../build/context.js';
import type { ResolvedImage } from '../config/resolved-config.js';
import { actAs } from './act-as.js';
import type { CliContext } from './cli-context.js';
import type { Target } from './open-target.js';

export interface Fleets {
  /** Where an image is built, as the account of its profile. */
  targetOf(image: ResolvedImage): Target;
  /** AWS in the image's region; its calls are paced with those of the other images of its account. */
  open(image: ResolvedImage, signal: AbortSignal): AwsAccess;
  /** Ends all lookups and closes idle connections, so that the process can end. */
  close(): void;
}

/** A fleet for each profile among the images: AWS counts the calls of each account by themselves. Makes no request of AWS. */
export async function openFleets(images: readonly ResolvedImage[], target: Target, cli: CliContext): Promise<Fleets> {
  const targets = new Map<string | undefined, Target>();
  for (const { profile } of images) if (!targets.has(profile)) targets.set(profile, await actAs(profile, target, cli));
  const effects = { clock: systemClock, random: Math.random };
  const places = new Map<string | undefined, Place>(
    [...targets].map(([profile, each]) => [profile, { target: each, fleet: openAwsFleet(each.aws, effects) }]),
  );
  function placeOf({ name, profile }: ResolvedImage): Place {
    const place = places.get(profile);
    if (place === undefined) throw new Error(`${name} is not among the images that fleets were opened for`);
    return place;
  }

  return {
    targetOf: (image) => placeOf(image).target,
    open: (image, signal) => placeOf(image).fleet.open(image.region, { name: image.name, signal }),
    close() {
      for (const { fleet } of places.values()) fleet.close();
    },
  };
}

interface Place {
  readonly target: Target;
  readonly fleet: AwsFleet;
}
