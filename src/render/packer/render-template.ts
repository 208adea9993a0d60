import type { ImagePlan, PlannedSource } from '../../plan/image-plan.js';
import type { PlannedSecret } from '../../plan/plan-secrets.js';
import { hasSshSourceVariable, isSourceGiven, renderAmazonEbsSource } from './amazon-ebs-source.js';
import { assertCarriable } from './assert-carriable.js';
import { renderProvisioners } from './provisioners.js';
import type { RenderOptions } from './render-options.js';
import { withMarkers } from './step-markers.js';
import type { PackerTemplate, TemplateVariable } from './template.js';

/** The Packer template of a plan, in no dialect yet. Throws PACKER_TEMPLATE_IN_TEXT, ROOT_DEVICE_UNKNOWN. */
export function renderTemplate(plan: ImagePlan, options: RenderOptions = {}): PackerTemplate {
  assertCarriable(plan);
  const provisioners = renderProvisioners(plan, options);
  const marked = options.isForBuild === true ? withMarkers(provisioners) : provisioners;
  return {
    name: getBuildName(plan.image),
    minPackerVersion: plan.builder.packerVersion,
    description: `${plan.image} ${plan.version} for ${plan.architecture}, rendered by buildimg`,
    variables: listVariables(plan, options),
    source: renderAmazonEbsSource(plan, options),
    provisioners: marked.map((each) => each.provisioner),
  };
}

/** HCL refers to a source by an identifier, which may not start with a digit nor hold a dot. */
function getBuildName(image: string): string {
  const name = image.replaceAll(/[^A-Za-z0-9_-]/g, '-');
  return /^[A-Za-z_]/.test(name) ? name : `image-${name}`;
}

/** What differs from run to run comes in by variables, so that the folder is the same wherever it is built. */
function listVariables(plan: ImagePlan, { isForBuild = false }: RenderOptions): readonly TemplateVariable[] {
  const runId = { name: 'run_id', description: 'Tag buildimg:run of everything that is created', default: 'by-hand' };
  const expires = {
    name: 'expires',
    description: 'Tag buildimg:expires of the build instance: from when on buildimg reap --expired removes it',
    default: 'never',
  };
  const sshSource = {
    name: 'ssh_source_cidr',
    description: 'Who may reach the build instance over SSH; the default lets nobody in but this machine',
    default: '127.0.0.1/32',
  };
  const sshPort = {
    name: 'ssh_port',
    description: 'Port of sshd as this machine sees it; the sandbox forwards another one where 22 is taken',
    default: String(plan.builder.sshPort),
  };
  return [
    runId,
    ...(isForBuild ? [expires] : []),
    sshPort,
    ...(hasSshSourceVariable(plan) ? [sshSource] : []),
    ...(isSourceGiven(plan.source) ? [{ name: 'source_ami', description: describeSource(plan.source) }] : []),
    ...plan.secrets.map(describeSecret),
  ];
}

function describeSecret({ variable, where }: PlannedSecret): TemplateVariable {
  return { name: variable, description: `Secret, used by ${where.join(', ')}`, isSecret: true };
}

function describeSource(source: Extract<PlannedSource, { readonly kind: 'variable' | 'platform-branch' }>): string {
  return source.kind === 'variable'
    ? `Image id that SSM parameter ${source.parameter} holds`
    : `Image id of the Elastic Beanstalk platform ${source.branch}`;
}
