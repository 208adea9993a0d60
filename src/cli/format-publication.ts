import { describeGrantees } from '../config/describe-grantees.js';
import type { ImagePlan } from '../plan/image-plan.js';
import type { PublicationStep } from '../plan/publication-plan.js';

/** What will be done with the image, a line a step: `  copy      to eu-west-1, eu-central-1 (alias/images)`. */
export function formatPublication({ publication }: ImagePlan): readonly string[] {
  return publication.map((step) => {
    const [word, text] = describeStep(step);
    return `  ${word.padEnd(9)} ${text}`;
  });
}

function describeStep(step: PublicationStep): readonly [word: string, text: string] {
  switch (step.kind) {
    case 'boot-test':
      return ['boot test', step.command === undefined ? 'until it is up' : `until it is up, then: ${step.command}`];
    case 'copy':
      return ['copy', `to ${step.regions.map(describeRegion).join(', ')}`];
    case 'tag':
      return ['tag', describeTags(step.tags)];
    case 'deprecate':
      return ['deprecate', `${step.afterDays} days after it is made`];
    case 'protect':
      return ['protect', step.withCooldown ? 'from being deregistered, with a cooldown' : 'from being deregistered'];
    case 'share':
      return ['share', `with ${describeGrantees(step.grantees)}${step.sharesSnapshots ? '; its snapshots too' : ''}`];
    case 'ssm-parameter':
      return ['parameter', `${step.name}, in every region`];
    case 'manifest':
      return ['manifest', step.file];
  }
}

function describeRegion({ region, kmsKeyId }: { readonly region: string; readonly kmsKeyId?: string }): string {
  return kmsKeyId === undefined ? region : `${region} (${kmsKeyId})`;
}

function describeTags(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
}
