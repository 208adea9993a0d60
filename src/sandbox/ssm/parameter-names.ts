import { AwsError } from '../wire/aws-error.js';
import type { RequestContext } from '../world/services.js';

// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
const MAX_LEVELS = 15;
const MAX_LENGTH = 1011;

/** A name with what may follow it: `NAME:3` is a version, `NAME:stable` a label. */
export interface ParameterReference {
  readonly name: string;
  readonly selector: string | undefined;
}

/** Reads a name or an ARN of the account, with its version or label. */
export function parseParameterReference(given: string): ParameterReference {
  const arn = /^arn:aws:ssm:[a-z0-9-]+:\d*:parameter(\/.*)$/.exec(given);
  const [name = '', selector] = (arn?.[1] ?? given).split(':', 2);
  return { name, selector };
}

/**
 * The rules for new names: letters, digits and `. - _` between slashes, absolute when there is a slash, 15 levels.
 *
 * @throws AwsError AccessDeniedException, ValidationException, HierarchyLevelLimitExceededException
 */
export function assertParameterName(name: string): void {
  if (/^\/?aws/i.test(name)) {
    throw new AwsError('AccessDeniedException', `No access to reserved parameter name: ${name}.`);
  }
  if (/^\/?ssm/i.test(name)) throw invalid(`Parameter name: can't be prefixed with "ssm" (case-insensitive): ${name}`);
  if (!name.startsWith('/') && name.includes('/')) {
    throw invalid('Parameter name must be a fully qualified name.');
  }
  if (name.length > MAX_LENGTH || !/^(?:\/?[A-Za-z0-9_.-]+)+$/.test(name)) {
    throw invalid(
      `Parameter name: can't be "${name.slice(0, 60)}". If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_`,
    );
  }
  if (name.split('/').length - 1 > MAX_LEVELS) {
    throw new AwsError(
      'HierarchyLevelLimitExceededException',
      `A hierarchy can have a maximum of ${MAX_LEVELS} levels: ${name}`,
    );
  }
}

export function formatParameterArn(
  { region, accountId }: Pick<RequestContext, 'region' | 'accountId'>,
  name: string,
): string {
  const account = name.startsWith('/aws/') ? '' : accountId;
  return `arn:aws:ssm:${region}:${account}:parameter${name.startsWith('/') ? '' : '/'}${name}`;
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}
