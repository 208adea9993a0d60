// The builder `packer`: the user's own binary on the rendered template.
import { join } from 'node:path';
import { writeSecretsFile } from '../packer/secrets-file.js';
import { validateTemplate } from '../packer/validate-template.js';
import type { ImagePlan } from '../plan/image-plan.js';
import { hasSshSourceVariable } from '../render/packer/amazon-ebs-source.js';
import { assertSecretsCarriable } from '../render/packer/assert-carriable.js';
import { renderForBuild } from '../render/render-image.js';
import type { BuildImageRequest, ImageBuild } from './build-request.js';
import { createCaptureGate } from './capture-gate.js';
import { sweep } from './clean-up-after.js';
import { expiryHoursOf, formatExpiry } from './expiry.js';
import { findOwnAddress } from './find-own-address.js';
import type { Run } from './run.js';
import { runPackerBuild } from './run-packer-build.js';
import { runStep } from './steps.js';
import { writeRendered } from './write-rendered.js';

/** The legacy JSON: every version of Packer reads it. */
const TEMPLATE_FILE = 'template.json';

/** Makes the image of a plan. Packer cannot go on with what an earlier attempt of the run made, so that goes first. */
export async function buildWithPacker(build: ImageBuild): Promise<void> {
  const { plan, run, request, context } = build;
  const { packer, childEnvironment, interruption } = request;
  const { signal } = interruption;
  if (packer === undefined) throw new Error('Nobody looked for packer');
  assertSecretsCarriable(plan);
  if (request.resume !== undefined) await sweep(run, { request, context, keepImage: undefined });
  // With nothing to refuse an instance for, looking at it would only cost time.
  const isGated = request.image.scan.failOn !== 'none' && !request.allowFindings;
  const variables = await listVariables(run, plan, request);
  const templateFolder = await runStep(context, 'render template', async () => {
    const files = renderForBuild(plan, { templates: request.templates, isGated });
    return writeRendered({ outDir: run.folder, name: plan.image, files });
  });
  const secretsFile = await writeSecretsFile(join(run.folder, 'secrets.json'), listSecretValues(plan));
  try {
    await runStep(context, 'check template', () =>
      validateTemplate({
        packer,
        image: plan.image,
        directory: templateFolder,
        template: TEMPLATE_FILE,
        variables,
        ...(secretsFile && { variablesFile: secretsFile.path }),
        environment: childEnvironment,
        signal,
      }),
    );
    signal.throwIfAborted();
    run.intend({ operation: 'packer-build', amiName: plan.amiName });
    const gate = isGated
      ? createCaptureGate({ folder: templateFolder, reportFile: run.instanceScanFile, request, context })
      : undefined;
    const template = TEMPLATE_FILE;
    await runPackerBuild({ ...build, packer, variables, secretsFile, templateFolder, template, gate });
  } finally {
    await secretsFile?.remove();
  }
}

function listSecretValues({ secrets }: ImagePlan): Readonly<Record<string, string>> {
  return Object.fromEntries(secrets.map(({ variable, value }) => [variable, value]));
}

/** The template's variables: nothing secret, because every user of the machine can read a command line. */
async function listVariables(
  run: Run,
  plan: ImagePlan,
  { sshSourceCidr, sshPort, interruption }: BuildImageRequest,
): Promise<Readonly<Record<string, string>>> {
  return {
    run_id: run.id,
    expires: formatExpiry(run.startedAt, expiryHoursOf(plan)),
    ...(sshPort === undefined ? {} : { ssh_port: String(sshPort) }),
    ...(hasSshSourceVariable(plan)
      ? { ssh_source_cidr: sshSourceCidr ?? (await findOwnAddress(interruption.signal)) }
      : {}),
  };
}
