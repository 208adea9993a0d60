// The account that a profile of the AWS CLI stands for.
import { createHash } from 'node:crypto';
import type { CliContext } from './cli-context.js';
import type { Target } from './open-target.js';

/** The variables that a profile takes the place of; some clients prefer them to it. */
const KEYS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];

/**
 * `target` as the account of a profile sees it; without a profile as it is. In the sandbox, which no profile of the user's
 * reaches, every profile has an account of its own, which is made when it is first asked for.
 */
export async function actAs(profile: string | undefined, target: Target, cli: CliContext): Promise<Target> {
  if (profile === undefined) return target;
  const { aws, childEnvironment } = target;
  if (aws.endpoint === undefined) {
    const kept = Object.entries(childEnvironment).filter(([name]) => !KEYS.includes(name));
    const environment = { ...Object.fromEntries(kept), AWS_PROFILE: profile };
    return { ...target, aws: { ...aws, profile }, childEnvironment: environment };
  }
  const { ensureSandboxAccount } = await import('./sandbox-session.js');
  const keys = await ensureSandboxAccount(accountOfProfile(profile), cli);
  return {
    ...target,
    aws: { ...aws, environment: { ...aws.environment, ...keys } },
    childEnvironment: { ...childEnvironment, ...keys },
  };
}

/** The same profile is the same account in every sandbox; the leading 2 keeps it apart from the sandbox's own. */
function accountOfProfile(profile: string): string {
  const number = createHash('sha256').update(profile).digest().readUInt32BE(0);
  return `2${String(number).padStart(11, '0')}`;
}
