import { createHash } from 'node:crypto';
import type { ResolvedImage } from '../config/resolved-config.js';
import { formatCanonicalJson } from './canonical-json.js';
import type { PayloadFile, PlanFacts, PlannedSource, ProvisionStep } from './image-plan.js';
import type { PlannedPayload } from './plan-payload.js';
import { type PlannedSecret, splitAtSecrets } from './plan-secrets.js';

/** Raise it when the meaning of a plan changes although its inputs did not. */
const DIGEST_FORMAT = 1;

export interface DigestInputs extends PlannedPayload {
  readonly source: PlannedSource;
  readonly loginUser: string;
  readonly secrets: readonly PlannedSecret[];
}

/**
 * Hex SHA-256 over everything that decides what the AMI is. Absolute paths, the region and the instance type are not in
 * it: the same folder elsewhere, or a larger builder, gives the same image. Nor are the values of secrets: the digest is a
 * tag that others read, and a short secret could be found by trying.
 */
export function digestInputs(image: ResolvedImage, inputs: DigestInputs, facts: PlanFacts): string {
  const { source, loginUser, steps, payload, secrets } = inputs;
  const settings = {
    format: DIGEST_FORMAT,
    image: image.name,
    version: image.version,
    architecture: image.architecture,
    source,
    loginUser,
    rootVolume: image.builder.rootVolume,
    ami: image.ami,
    steps: steps.map((step) => withoutSecrets(step, secrets)),
    payload: payload.map((file) => ({ path: file.path, mode: file.mode, digest: digestContent(file, facts) })),
  };
  return createHash('sha256').update(formatCanonicalJson(settings)).digest('hex');
}

/** With the names of secrets in place of their values. */
function withoutSecrets(step: ProvisionStep, secrets: readonly PlannedSecret[]): object {
  if (step.kind !== 'script' || secrets.length === 0) return step;
  const environment = Object.entries(step.environment).map(([name, value]) => {
    const parts = splitAtSecrets(value, secrets);
    const isPlain = parts.every((part) => typeof part === 'string');
    return [name, isPlain ? value : parts.map(describePart)] as const;
  });
  return { ...step, environment: Object.fromEntries(environment) };
}

function describePart(part: string | PlannedSecret): string | { readonly secret: string } {
  return typeof part === 'string' ? part : { secret: part.variable };
}

function digestContent({ content }: PayloadFile, facts: PlanFacts): string | undefined {
  if ('copyOf' in content) return facts.files.get(content.copyOf)?.digest;
  return createHash('sha256').update(content.text).digest('hex');
}
