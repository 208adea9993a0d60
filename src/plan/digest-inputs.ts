import { createHash } from 'node:crypto';
import type { ResolvedImage } from '../config/resolved-config.js';
import { formatCanonicalJson } from './canonical-json.js';
import type { PayloadFile, PlanFacts, PlannedSource } from './image-plan.js';
import type { PlannedPayload } from './plan-payload.js';

/** Raise it when the meaning of a plan changes although its inputs did not. */
const DIGEST_FORMAT = 1;

export interface DigestInputs extends PlannedPayload {
  readonly source: PlannedSource;
  readonly loginUser: string;
}

/**
 * Hex SHA-256 over everything that decides what the AMI is. Absolute paths, the region and the instance type are not in
 * it: the same folder elsewhere, or a larger builder, gives the same image.
 */
export function digestInputs(image: ResolvedImage, inputs: DigestInputs, facts: PlanFacts): string {
  const { source, loginUser, steps, payload } = inputs;
  const settings = {
    format: DIGEST_FORMAT,
    image: image.name,
    version: image.version,
    architecture: image.architecture,
    source,
    loginUser,
    rootVolume: image.builder.rootVolume,
    ami: image.ami,
    steps,
    payload: payload.map((file) => ({ path: file.path, mode: file.mode, digest: digestContent(file, facts) })),
  };
  return createHash('sha256').update(formatCanonicalJson(settings)).digest('hex');
}

function digestContent({ content }: PayloadFile, facts: PlanFacts): string | undefined {
  if ('copyOf' in content) return facts.files.get(content.copyOf)?.digest;
  return createHash('sha256').update(content.text).digest('hex');
}
