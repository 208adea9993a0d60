import { type AwsFleet, openAwsFleet } from '../aws/aws-fleet.js';
import { systemClock } from '../build/context.js';
import type { ResolvedImage } from '../config/resolved-config.js';
import { actAs } from './act-as.js';
import type { CliContext } from './cli-context.js';
import type { Target } from './open-target.js';

/** Where an image is built, and the calls that it shares with the other images of its account. */
export interface Place {
  readonly target: Target;
  readonly fleet: AwsFleet;
}

export interface Fleets {
  placeOf(image: ResolvedImage): Place;
  /** Ends all lookups and closes idle connections, so that the process can end. */
  close(): void;
}

/** A fleet for each profile among the images: AWS counts the calls of each account by themselves. Makes no request of AWS. */
export async function openFleets(images: readonly ResolvedImage[], target: Target, cli: CliContext): Promise<Fleets> {
  const targets = new Map<string | undefined, Target>();
  for (const { profile } of images) if (!targets.has(profile)) targets.set(profile, await actAs(profile, target, cli));
  const effects = { clock: systemClock, random: Math.random };
  const places = new Map(
    [...targets].map(([profile, each]) => [profile, { target: each, fleet: openAwsFleet(each.aws, effects) }]),
  );
  return {
    placeOf({ name, profile }) {
      const place = places.get(profile);
      if (place === undefined) throw new Error(`${name} is not among the images that fleets were opened for`);
      return place;
    },
    close() {
      for (const { fleet } of places.values()) fleet.close();
    },
  };
}
