import { systemClock } from '../../build/context.js';
import { createPlatformVersion } from '../../build/create-platform-version.js';
import { packWorkspace } from '../../build/pack-workspace.js';
import { createError, ExitCode } from '../../errors.js';
import type { PlatformFinding } from '../../platform/finding.js';
import type { CliContext } from '../cli-context.js';
import { type PlatformOptions, type PlatformSession, withPlatform } from '../platform-session.js';
import { updateWorkspace } from '../platform-workspace.js';

export interface PlatformCreateOptions extends PlatformOptions {
  readonly majorIncrement?: boolean;
  readonly minorIncrement?: boolean;
  readonly patchIncrement?: boolean;
  readonly instanceType?: string;
  readonly instanceProfile?: string;
  readonly vpcId?: string;
  readonly vpcSubnets?: string;
  readonly vpcPublicip?: boolean;
  readonly timeout: number;
  /** In the sandbox: what the template runs on this machine may run. */
  readonly allowLocalCommands?: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

const DEFAULT_PROFILE = 'aws-elasticbeanstalk-custom-platform-ec2-role';

/** `platform create`: exits 0 when the version is Ready, 4 when it failed and nothing of it is left. */
export async function platformCreate(
  given: string | undefined,
  options: PlatformCreateOptions,
  cli: CliContext,
): Promise<ExitCode> {
  return withPlatform(options, cli, async (session) => {
    const { workspace, access, signal, regionWarning } = session;
    if (regionWarning !== undefined) cli.output.progress(`warning: ${regionWarning}`);
    const version = given === undefined ? await findNextVersion(session, options) : checkVersion(given);
    const packed = await packWorkspace(workspace.folder, { region: access.region, signal });
    for (const { severity, path, message } of packed.warnings) {
      if (severity === 'warning') cli.output.progress(`warning: ${path === '' ? '' : `${path}: `}${message}`);
    }
    if (options.sandbox === true) assertStaysOnInstance(workspace.folder, packed.warnings, options);
    const created = await createPlatformVersion(
      {
        name: workspace.name,
        version,
        bytes: packed.bytes,
        options: collectOptions(session, options),
        tags: options.tags,
        limitMs: options.timeout * 60_000,
      },
      {
        access,
        clock: systemClock,
        signal,
        say: (line) => cli.output.progress(line),
        // Before waiting, as the EB CLI does: commands that follow are about it, also after Ctrl-C.
        onStarted: () => updateWorkspace(workspace.folder, { platform_version: version }),
      },
    );
    const details = await access.platforms.findPlatform(created.arn);
    cli.output.answer(
      options.json === true
        ? JSON.stringify({ ...created, imageIds: details?.imageIds ?? [] }, undefined, 2)
        : `${created.arn}  Status: ${created.status}`,
    );
    return ExitCode.done;
  });
}

/** On AWS a builder runs packer; in the sandbox this machine does. Throws PLATFORM_LOCAL_REFUSED. */
function assertStaysOnInstance(
  folder: string,
  findings: readonly PlatformFinding[],
  { allowLocalCommands = false }: PlatformCreateOptions,
): void {
  const refused = findings.filter(
    ({ code }) => code === 'PLATFORM_LOCAL_PATH' || (code === 'PLATFORM_LOCAL_COMMAND' && !allowLocalCommands),
  );
  if (refused.length === 0) return;
  const lines = refused.map(({ path, line, message }) => `  ${path}:${line ?? 1}: ${message}`);
  throw createError('PLATFORM_LOCAL_REFUSED', [folder, lines.join('\n')]);
}

function checkVersion(given: string): string {
  if (!/^\d{1,9}\.\d{1,9}\.\d{1,9}$/.test(given)) throw createError('PLATFORM_VERSION_INVALID', [given]);
  return given;
}

/** The version after the newest there is, Failed ones included: their number is taken. */
async function findNextVersion(
  { access, workspace }: PlatformSession,
  { majorIncrement, minorIncrement }: PlatformCreateOptions,
): Promise<string> {
  const [newest] = await access.platforms.listPlatforms(workspace.name);
  if (newest === undefined) return '1.0.0';
  const [major = 0, minor = 0, patch = 0] = newest.version.split('.').map(Number);
  if (majorIncrement === true) return `${major + 1}.0.0`;
  if (minorIncrement === true) return `${major}.${minor + 1}.0`;
  return `${major}.${minor}.${patch + 1}`;
}

// What the EB CLI sets on the builder environment.
function collectOptions({ workspace }: PlatformSession, options: PlatformCreateOptions) {
  const { instanceType, vpcId, vpcSubnets, vpcPublicip } = options;
  return {
    'aws:autoscaling:launchconfiguration': {
      IamInstanceProfile: options.instanceProfile ?? workspace.instanceProfile ?? DEFAULT_PROFILE,
      ...(workspace.keyName === undefined ? {} : { EC2KeyName: workspace.keyName }),
      ...(instanceType === undefined ? {} : { InstanceType: instanceType }),
    },
    'aws:ec2:vpc': {
      ...(vpcId === undefined ? {} : { VPCId: vpcId }),
      ...(vpcSubnets === undefined ? {} : { Subnets: vpcSubnets }),
      ...(vpcPublicip === true ? { AssociatePublicIpAddress: 'true' } : {}),
    },
    'aws:elasticbeanstalk:healthreporting:system': { SystemType: 'enhanced' },
    ...(options.sandbox === true && options.allowLocalCommands === true
      ? { 'buildimg:sandbox': { AllowLocalCommands: 'true' } }
      : {}),
    'aws:elasticbeanstalk:environment': { ServiceRole: 'aws-elasticbeanstalk-service-role' },
  };
}
