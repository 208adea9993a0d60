import { type BuildimgError, createError } from '../errors.js';
import { quoteShell } from '../render/quote.js';
import type { LeftResource } from './sweep-run.js';

export interface LeftContext {
  /** Of the run. */
  readonly region: string;
  readonly endpoint?: string;
  /** What went wrong before the cleanup did. */
  readonly cause?: unknown;
}

/** The error for what could not be removed, with the command for each. */
export function createLeftBehindError(left: readonly LeftResource[], context: LeftContext): BuildimgError {
  const list = left
    .map(({ kind, id, region, reason }) => `  ${kind} ${id}${region === undefined ? '' : ` in ${region}`}: ${reason}`)
    .join('\n');
  const commands = left.map((resource) => `  ${renderRemoveCommand(resource, context)}`).join('\n');
  return createError('RESOURCES_LEFT_BEHIND', [list, commands], { cause: context.cause });
}

function renderRemoveCommand({ kind, id, region }: LeftResource, { region: home, endpoint }: LeftContext): string {
  const where = `--region ${region ?? home}${endpoint === undefined ? '' : ` --endpoint-url ${endpoint}`}`;
  if (kind === 'object') return `aws s3 rm ${quoteShell(`s3://${id}`)} ${where}`;
  return `aws ec2 ${COMMANDS[kind]}${quoteShell(id)} ${where}`;
}

const COMMANDS: Readonly<Record<Exclude<LeftResource['kind'], 'object'>, string>> = {
  unknown: 'describe-instances --filters Name=instance-state-name,Values=running,stopped Name=tag:buildimg:run,Values=',
  instance: 'terminate-instances --instance-ids ',
  image: 'deregister-image --image-id ',
  snapshot: 'delete-snapshot --snapshot-id ',
  volume: 'delete-volume --volume-id ',
  'key-pair': 'delete-key-pair --key-name ',
  'security-group': 'delete-security-group --group-id ',
};
