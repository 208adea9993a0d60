// builder/ of a platform archive: what runs on the build instance. Each step of the image's plan becomes a setup script,
// and the platform's own files are put in place before the first step that hardens or seals, so that those see them.
import type { ImagePlan, ProvisionStep } from '../plan/image-plan.js';
import type { PlatformPlan } from '../plan/plan-platform.js';
import { copyTemplate } from './copy-template.js';
import type { RenderedFile } from './rendered-file.js';
import { renderText, type TextTemplates } from './text-template.js';

/** Titles of the setup scripts, in the order in which they run. */
export function listSetupSteps(plan: ImagePlan): readonly string[] {
  return withPlatform(plan.steps).map((step) => (step === 'platform' ? 'the platform itself' : step.title));
}

/** All files of builder/ but platform-uploads/. */
export function renderEbBuilder(
  plan: ImagePlan,
  { config, library }: PlatformPlan,
  templates: TextTemplates,
): readonly RenderedFile[] {
  const text = (path: string, template: string, values: object = {}, mode = 0o755): RenderedFile => ({
    path: `builder/${path}`,
    mode,
    content: { text: renderText(templates, template, values) },
  });
  const steps = withPlatform(plan.steps).map((step, index) => {
    const path = `setup-scripts/${String((index + 1) * 10).padStart(4, '0')}-${getSlug(step)}.sh`;
    return step === 'platform'
      ? copyTemplate(`builder/${path}`, 'eb-platform/builder/install-platform.sh', templates)
      : text(path, 'eb-platform/builder/step.sh.hbs', describeStep(step, plan));
  });
  // A step of the image may carry the same script.
  const payload = new Map([...library, ...plan.payload].map((file) => [file.path, file]));
  return [
    text('CONFIG', 'eb-platform/builder/CONFIG.hbs', { name: config.name, loginUser: plan.loginUser }, 0o644),
    copyTemplate('builder/builder.sh', 'eb-platform/builder/builder.sh', templates),
    ...steps,
    ...[...payload.values()].map((file) => ({ ...file, path: `builder/${file.path}` })),
  ];
}

function withPlatform(steps: readonly ProvisionStep[]): readonly (ProvisionStep | 'platform')[] {
  const at = steps.findIndex(({ path }) => /^provisioners\/(?:harden|seal)\.sh$/.test(path));
  const index = at === -1 ? steps.length : at;
  return [...steps.slice(0, index), 'platform', ...steps.slice(index)];
}

function getSlug(step: ProvisionStep | 'platform'): string {
  const title = step === 'platform' ? step : step.title;
  return (
    title
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 40) || 'step'
  );
}

function describeStep(step: ProvisionStep, { image, loginUser }: ImagePlan) {
  // A comment ends at a line break, which a title may hold.
  const shared = { image, title: step.title.replaceAll(/\s+/g, ' '), loginUser, source: '', path: step.path };
  if (step.kind === 'upload') {
    const { destination, owner, mode } = step;
    const environment = {
      BUILDIMG_DESTINATION: destination,
      BUILDIMG_OWNER: owner,
      ...(mode && { BUILDIMG_MODE: mode }),
    };
    return {
      ...shared,
      ...choose('builtin'),
      source: step.path,
      path: step.installer,
      environment: toList(environment),
    };
  }
  const how = step.origin === 'provisioner' ? 'builtin' : step.runAs === 'root' ? 'asRoot' : 'asLoginUser';
  return { ...shared, ...choose(how), environment: toList(step.environment) };
}

function choose(how: 'builtin' | 'asRoot' | 'asLoginUser') {
  return { builtin: how === 'builtin', asRoot: how === 'asRoot', asLoginUser: how === 'asLoginUser' };
}

function toList(environment: Readonly<Record<string, string>>) {
  return Object.entries(environment)
    .map(([name, value]) => ({ name, value }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
