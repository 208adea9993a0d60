import type { AwsAccessOptions } from '../aws/client-settings.js';
import type { ResolvedImage } from '../config/resolved-config.js';
import type { CliContext } from './cli-context.js';

/** Where a command works: AWS, or the sandbox on this machine. */
export interface Target {
  readonly aws: Omit<AwsAccessOptions, 'region'>;
  /** Environment of packer: the caller's, and in the sandbox what leads packer there instead of to AWS. */
  readonly childEnvironment: Readonly<Record<string, string | undefined>>;
  /** Undefined: the caller's public address, asked for when it is needed. */
  readonly sshSourceCidr?: string;
  /** Undefined: what the config says. */
  readonly sshPort?: number;
  /** For images that name no instance profile, where the builder needs one. */
  readonly instanceProfile?: string;
}

export interface TargetRequest {
  readonly images: readonly ResolvedImage[];
  readonly isSandbox: boolean;
  readonly signal: AbortSignal;
}

/** Opens the target; a sandbox is started, and the base images that are missing are made, which takes a minute each. */
export async function openTarget({ images, isSandbox, signal }: TargetRequest, cli: CliContext): Promise<Target> {
  if (!isSandbox) {
    return { aws: { environment: cli.environment }, childEnvironment: cli.environment };
  }
  const { openSandbox, ensureBaseImages, ensureInstanceProfiles, SANDBOX_INSTANCE_PROFILE } = await import(
    './sandbox-session.js'
  );
  const sandbox = await openSandbox(cli, signal);
  await ensureBaseImages(images, cli, signal);
  await ensureInstanceProfiles(images, cli);
  return {
    aws: {
      environment: sandbox.environment,
      endpoint: sandbox.endpoint,
      guestEndpoint: sandbox.guestEndpoint,
    },
    childEnvironment: { ...withoutAwsSettings(cli.environment), ...sandbox.environment },
    // The machines' forwarded ports are on loopback, so that is where packer comes from.
    sshSourceCidr: '127.0.0.1/32',
    instanceProfile: SANDBOX_INSTANCE_PROFILE,
    ...(sandbox.sshPort === 22 ? {} : { sshPort: sandbox.sshPort }),
  };
}

/** A profile or a role of the user's must not reach the sandbox, nor the sandbox's packer reach AWS with it. */
function withoutAwsSettings(environment: CliContext['environment']): CliContext['environment'] {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('AWS_')));
}
