import { type Command, InvalidArgumentError, Option } from 'commander';
import { failOnNames, policyNames } from '../config/scan-names.js';
import { command, type RunCommand } from './define-command.js';
import { parseRegion } from './option-values.js';

/** `buildimg register DISK` */
export function addRegisterCommand(program: Command, run: RunCommand): void {
  command(program, 'register', 'make an AMI of a disk image; nothing is launched')
    .argument('<disk>', 'disk image, raw or qcow2')
    .requiredOption('-n, --name <name>', 'name of the AMI')
    .option('--description <text>', 'description of the AMI (default: its name)')
    .option('--region <region>', 'where to (default: AWS_REGION, then the AWS profile)', parseRegion)
    .addOption(
      new Option('--architecture <name>', 'of the system on it').choices(['x86_64', 'arm64']).default('x86_64'),
    )
    .addOption(
      new Option('--boot-mode <mode>', 'how it boots (default: uefi-preferred; uefi for arm64)').choices([
        'legacy-bios',
        'uefi',
        'uefi-preferred',
      ]),
    )
    .option('--tpm', 'instances have a NitroTPM; needs --boot-mode uefi')
    .option('--root-device <name>', 'name of the root device', '/dev/xvda')
    .option('--parent <snapshot>', 'snapshot of an earlier version: only blocks that differ are sent')
    .option('--encrypt', "encrypt the snapshot with the account's default key")
    .option('--kms-key <arn>', 'encrypt the snapshot with this key')
    .addOption(
      new Option('--tag <key=value>', 'tag of the AMI and its snapshot; may be repeated')
        .argParser(parseTag)
        .default({}, 'none'),
    )
    .addOption(new Option('-p, --policy <policy>', 'scan the disk first').choices(policyNames))
    .addOption(
      new Option(
        '--fail-on <severity>',
        'with --policy: refuse for a finding of this severity or worse (default: high)',
      ).choices(failOnNames),
    )
    .option('--allow-gaps', 'with --policy: accept that a system folder or a volume could not be read')
    .option('--waivers <file>', 'with --policy: findings that are accepted')
    .option('--sandbox', 'to the sandbox on this machine instead of AWS')
    .option('--json', 'answer in JSON')
    .addOption(new Option('--events <format>', 'progress as a stream of events').choices(['ndjson']))
    .action(
      run(async (cli, options, [disk]) => (await import('./commands/register.js')).register(disk ?? '', options, cli)),
    );
}

function parseTag(text: string, earlier: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [key, ...value] = text.split('=');
  if (key === undefined || key === '' || value.length === 0) throw new InvalidArgumentError('It is written KEY=VALUE.');
  if (/^(aws|buildimg):/i.test(key)) {
    throw new InvalidArgumentError('Keys that begin with aws: or buildimg: are not for the taking.');
  }
  return { ...earlier, [key]: value.join('=') };
}
