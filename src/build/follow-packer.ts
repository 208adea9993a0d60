// What packer's output tells a build: where it is, and what packer announced before it was connected. Pure.
import { findMarker } from '../packer/find-marker.js';
import type { PackerMessage } from '../packer/parse-machine-readable.js';
import { type AnnouncedResource, createLaunchReader } from '../packer/read-launch.js';
import type { MarkedStep } from '../render/packer/step-markers.js';

export interface PackerNews {
  /** Step that begins here; the same as before when it goes on. */
  readonly step?: string;
  /** Packer waits for an answer. */
  readonly isWaiting?: true;
  /** The last provisioner has ended: what is left is to stop the instance and to capture it. */
  readonly isProvisioned?: true;
  readonly announced?: AnnouncedResource;
}

export interface PackerFollower {
  /** A line as packer printed it; undefined when it is no marker. Its text is for nobody to see. */
  readMarker(line: string): PackerNews | undefined;
  /** Every other line. */
  read(message: PackerMessage): PackerNews;
}

/** After the last provisioner; packer stops the instance then. */
export const STOP_STEP = 'stop instance';

export interface FollowOptions {
  /** Of this run: see render/packer/step-markers.ts. */
  readonly secret: string;
  readonly steps: readonly MarkedStep[];
}

/** Markers count in their order and once each, so that one which is seen again says nothing. */
export function createPackerFollower({ secret, steps }: FollowOptions): PackerFollower {
  const readLaunch = createLaunchReader();
  let begun = 0;
  return {
    readMarker(line) {
      const number = findMarker(line, secret);
      if (number === undefined) return undefined;
      if (number !== begun + 1) return {};
      begun = number;
      const step = steps[number - 1];
      if (step === undefined) return { step: STOP_STEP, isProvisioned: true };
      return { step: step.name, ...(step.isGate ? { isWaiting: true } : {}) };
    },
    read(message) {
      const { phase, announced } = begun > 0 ? {} : readLaunch(message);
      return {
        // Packer is connected, but has begun nothing yet.
        ...(phase === undefined ? {} : { step: phase === 'connected' ? 'connect' : phase }),
        ...(announced === undefined ? {} : { announced }),
      };
    },
  };
}
