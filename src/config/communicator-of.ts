import type { BuilderConfig, CommunicatorType } from './resolved-config.js';

/** How the builder `ec2` reaches its instance. */
export function communicatorOf({ communicator }: Pick<BuilderConfig, 'communicator'>): CommunicatorType {
  return communicator ?? 'ssm';
}
