// How steps become Packer provisioners. What the rules below are for:
// - Values never stand in a command line: Packer writes them to a file of mode 0600 that is sourced and removed again.
//   A value in `{{.Vars}}` would also be run as a template a second time, which nothing can escape.
// - Built-in scripts are run by `bash PATH`, because scp under a strict umask drops the executable bit.
// - Nothing may connect after the last step (it seals the image), so that step cleans up after itself.
import type { ImagePlan, ProvisionStep } from '../../plan/image-plan.js';
import { type PlannedSecret, splitAtSecrets } from '../../plan/plan-secrets.js';
import { getInstallEnvironment } from '../install-environment.js';
import { renderCaptureGate } from './capture-gate.js';
import type { RenderOptions, TitledProvisioner } from './render-options.js';
import { joinText, packerTemplate, type ShellProvisioner, secretVariable, type TemplateText } from './template.js';

/** Where the payload is uploaded to, by the login user and closed to everybody else; `seal` removes it. */
export const UPLOAD_DIR = '/tmp/buildimg-upload';

type ScriptStep = Extract<ProvisionStep, { readonly kind: 'script' }>;
type UploadStep = Extract<ProvisionStep, { readonly kind: 'upload' }>;

/**
 * Packer's provisioners, in the order of the plan, each with the title of the step that it belongs to. With `isGated`
 * the instance is looked at before the last step: see capture-gate.ts. Markers are for step-markers.ts to add.
 */
export function renderProvisioners(
  plan: ImagePlan,
  { isGated = false }: RenderOptions = {},
): readonly TitledProvisioner[] {
  const steps = plan.steps.map((step, index) => ({
    title: step.title,
    provisioner: withSecretVariables(renderStep(step, index === plan.steps.length - 1), plan.secrets),
  }));
  const gate = isGated ? renderCaptureGate(UPLOAD_DIR) : [];
  return [...renderUpload(plan), ...steps.slice(0, -1), ...gate, ...steps.slice(-1)];
}

/** Whether anything is uploaded before the steps; scripts of the user's are not, Packer brings each when it runs. */
function hasUpload({ steps }: ImagePlan): boolean {
  return steps.some((step) => step.kind === 'upload' || step.origin === 'provisioner');
}

function renderUpload(plan: ImagePlan): readonly TitledProvisioner[] {
  if (!hasUpload(plan)) return [];
  const folders = plan.steps.some((step) => step.kind === 'upload') ? ['provisioners', 'files'] : ['provisioners'];
  const prepare = `umask 077; rm -rf ${UPLOAD_DIR}; mkdir ${UPLOAD_DIR}`;
  return [
    { title: 'upload', provisioner: { type: 'shell', inline: [prepare], expect_disconnect: false } },
    {
      title: 'upload',
      provisioner: { type: 'file', sources: folders, destination: `${UPLOAD_DIR}/` },
      isContinued: true,
    },
  ];
}

function renderStep(step: ProvisionStep, isLast: boolean): ShellProvisioner {
  if (step.kind === 'upload') return renderInstall(step, isLast);
  return step.origin === 'user' ? renderUserScript(step, isLast) : renderBuiltinScript(step, isLast);
}

/** Values of secrets stay out of the template: variables stand for them. */
function withSecretVariables(provisioner: ShellProvisioner, secrets: readonly PlannedSecret[]): ShellProvisioner {
  const { environment_vars: texts } = provisioner;
  if (texts === undefined || secrets.length === 0) return provisioner;
  return { ...provisioner, environment_vars: texts.map((text) => hideSecrets(text, secrets)) };
}

function hideSecrets(text: TemplateText, secrets: readonly PlannedSecret[]): TemplateText {
  const parts = typeof text === 'string' ? splitAtSecrets(text, secrets) : [];
  if (parts.every((part) => typeof part === 'string')) return text;
  return joinText(parts.map((part) => (typeof part === 'string' ? part : secretVariable(part.variable))));
}

function renderUserScript({ path, environment, runAs }: ScriptStep, isLast: boolean): ShellProvisioner {
  return {
    type: 'shell',
    scripts: [path],
    ...renderEnvironment(environment),
    execute_command: renderCommand({ hasValues: hasValues(environment), runAs, run: '{{.Path}}' }),
    ...renderEnd(isLast),
  };
}

function renderBuiltinScript({ path, environment, runAs }: ScriptStep, isLast: boolean): ShellProvisioner {
  return renderInline({ command: `bash ${UPLOAD_DIR}/${path}`, environment, runAs, isLast });
}

function renderInstall(step: UploadStep, isLast: boolean): ShellProvisioner {
  return renderInline({
    command: `bash ${UPLOAD_DIR}/${step.installer}`,
    environment: getInstallEnvironment(step, `${UPLOAD_DIR}/${step.path}`),
    runAs: 'root',
    isLast,
  });
}

interface InlineScript {
  readonly command: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly runAs: ScriptStep['runAs'];
  readonly isLast: boolean;
}

function renderInline({ command, environment, runAs, isLast }: InlineScript): ShellProvisioner {
  return {
    type: 'shell',
    inline: isLast ? ['rm -f "$0"', `exec ${command}`] : [command],
    ...renderEnvironment(environment),
    execute_command: renderCommand({ hasValues: hasValues(environment), runAs, run: 'sh {{.Path}}', isLast }),
    ...renderEnd(isLast),
  };
}

function renderEnvironment(environment: Readonly<Record<string, string>>) {
  if (!hasValues(environment)) return {};
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  // Unless told that it is binary, Packer drops carriage returns from what it uploads, values included.
  const isBinary = variables.some((each) => each.includes('\r'));
  return { environment_vars: variables.sort(), use_env_var_file: true, ...(isBinary ? { binary: true } : {}) } as const;
}

interface Command {
  readonly hasValues: boolean;
  readonly runAs: ScriptStep['runAs'];
  readonly run: string;
  readonly isLast?: boolean;
}

function renderCommand({ hasValues, runAs, run, isLast = false }: Command) {
  const removed = isLast ? ' && rm -f {{.EnvVarFile}}' : '';
  const sourced = `. {{.EnvVarFile}}${removed} && exec ${run}`;
  if (runAs === 'login-user') return packerTemplate(hasValues ? sourced : `{{.Vars}} ${run}`);
  return packerTemplate(hasValues ? `sudo -n sh -c '${sourced}'` : `sudo -n env {{.Vars}} ${run}`);
}

function renderEnd(isLast: boolean): Pick<ShellProvisioner, 'expect_disconnect' | 'skip_clean'> {
  return { expect_disconnect: false, ...(isLast ? { skip_clean: true } : {}) };
}

function hasValues(environment: Readonly<Record<string, string>>): boolean {
  return Object.keys(environment).length > 0;
}
