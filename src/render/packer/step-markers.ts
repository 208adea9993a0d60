// How `buildimg build` learns which step packer has come to. From 1.13 on Packer prints what a script says with the level and
// the prefix of its own words, so that no sentence of its output proves anything once it is connected. A marker is a line that
// a `shell-local` prints on this machine, with a secret of the run from packer's environment: the instance never sees it,
// neither template nor command line holds it, and a script cannot guess it.
import type { TitledProvisioner } from './render-options.js';

/** Environment variable of packer that holds the secret. */
export const MARKER_VARIABLE = 'BUILDIMG_STEP_MARKER';

/** A step as packer's markers tell it; marker n begins the nth. */
export interface MarkedStep {
  readonly name: string;
  /** Packer waits in it for an answer. */
  readonly isGate: boolean;
}

/** The provisioners with a marker before each step, and one after the last. */
export function withMarkers(provisioners: readonly TitledProvisioner[]): readonly TitledProvisioner[] {
  let number = 0;
  const marked = provisioners.flatMap((each) => {
    if (each.isContinued === true) return [each];
    number += 1;
    return [renderMarker(number), each];
  });
  return [...marked, renderMarker(number + 1)];
}

/** The steps that the markers of `provisioners` begin; the marker after the last stands for none of them. */
export function listMarkedSteps(provisioners: readonly TitledProvisioner[]): readonly MarkedStep[] {
  const steps = provisioners.filter(({ isContinued }) => isContinued !== true);
  return steps.map(({ title, isGate = false }, index) => {
    const before = steps.slice(0, index).filter((each) => each.title === title).length;
    // Two steps of one title would look like one that goes on.
    return { name: before === 0 ? title : `${title} (${before + 1})`, isGate };
  });
}

/** The line that begins step `number`, the first being 1. */
export function formatMarker(secret: string, number: number): string {
  return `${secret} ${number}`;
}

function renderMarker(number: number): TitledProvisioner {
  const print = `printf '%s\\n' "${formatMarker(`$${MARKER_VARIABLE}`, number)}"`;
  return { title: 'marker', provisioner: { type: 'shell-local', inline: [print] } };
}
