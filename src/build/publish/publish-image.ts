// What is done with an image when it is there, step by step. Each step looks what of it is there already and does the rest, so
// that a publication that was broken off, or whose config has grown, is completed by building again.
import type { MachineImage } from '../../aws/ports.js';
import { createError } from '../../errors.js';
import type { PublicationStep } from '../../plan/publication-plan.js';
import { runStep } from '../steps.js';
import { bootTest } from './boot-test.js';
import { copyImage } from './copy-image.js';
import { deprecateImage } from './deprecate-image.js';
import { describeManifest, type ImageManifest, writeManifest } from './manifest.js';
import { protectImage } from './protect-image.js';
import { createLedger, type PublishScope } from './publish-scope.js';
import { shareImage } from './share-image.js';
import { tagImage } from './tag-image.js';
import { writeParameter } from './write-parameter.js';

export interface Publication {
  /** What was changed, in words; empty when everything was there already. */
  readonly changes: readonly string[];
  readonly manifest: ImageManifest;
}

/**
 * Publishes `image` as its plan says.
 * Errors: PUBLISH_INCOMPLETE, with what went wrong as its cause, once others may use the image; before that the cause itself.
 */
export async function publishImage(image: MachineImage, request: Omit<PublishScope, 'ledger'>): Promise<Publication> {
  const { plan, context } = request;
  const { aws } = request.request;
  // The scan has said on the image what it found.
  const latest = plan.publication.length === 0 ? image : ((await aws.catalog.findImage(image.id)) ?? image);
  const scope: PublishScope = { ...request, ledger: createLedger(aws.region, latest) };
  for (const step of plan.publication) {
    await runStep(context, titleOf(step), () => takeStep(step, scope)).catch((error: unknown) => {
      if (scope.late.findRun()?.findPublished() === undefined) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw createError('PUBLISH_INCOMPLETE', [image.id, titleOf(step), reason], { cause: error });
    });
  }
  return { changes: scope.ledger.changes, manifest: describeManifest(plan, scope.ledger, scope.scan) };
}

async function takeStep(step: PublicationStep, scope: PublishScope): Promise<void> {
  scope.signal.throwIfAborted();
  switch (step.kind) {
    case 'boot-test':
      return await bootTest(step, scope);
    case 'copy':
      return await copyImage(step, scope);
    case 'tag':
      return await tagImage(step, scope);
    case 'deprecate':
      return await deprecateImage(step, scope);
    case 'protect':
      return await protectImage(step, scope);
    case 'share':
      return await shareImage(step, scope);
    case 'ssm-parameter':
      return await writeParameter(step, scope);
    case 'manifest':
      return writeManifest(step.file, scope);
  }
}

function titleOf(step: PublicationStep): string {
  if (step.kind === 'copy') return `copy to ${step.regions.map(({ region }) => region).join(', ')}`;
  return step.kind === 'ssm-parameter' ? `write ${step.name}` : TITLES[step.kind];
}

const TITLES = {
  'boot-test': 'boot test',
  tag: 'tag image',
  deprecate: 'set deprecation',
  protect: 'protect image',
  share: 'share image',
  manifest: 'write manifest',
} as const;
