import { type Command, Option } from 'commander';
import { failOnNames, policyNames } from '../config/scan-names.js';
import { command, type RunCommand } from './define-command.js';
import { parseRegion } from './option-values.js';

// Written out rather than imported: the catalogue of checks must not be loaded for `--help`.
const FORMATS = ['text', 'json', 'sarif', 'html', 'cyclonedx', 'spdx'];

/** `buildimg scan TARGET` */
export function addScanCommand(program: Command, run: RunCommand): void {
  command(program, 'scan', 'say what is wrong with an image; changes nothing')
    .argument('<target>', 'folder, disk image (raw, qcow2), ssh://user@host, ami-…, or / for this machine')
    .addOption(new Option('-p, --policy <policy>', 'what to ask for').choices(policyNames).default('baseline'))
    .addOption(
      new Option('--fail-on <severity>', 'exit 5 for a finding of this severity or worse')
        .choices(failOnNames)
        .default('high'),
    )
    .option('--allow-gaps', 'pass although a system folder or a volume could not be read')
    .addOption(
      new Option('-f, --format <format>', 'report of findings, or list of packages (SBOM)')
        .choices(FORMATS)
        .default('text'),
    )
    .option('-o, --output <file>', 'file for the report (default: stdout)')
    .option('--waivers <file>', 'findings that are accepted: { check, path, reason, expires } in YAML or JSON')
    .option('--region <region>', 'where an AMI is (default: AWS_REGION, then the AWS profile)', parseRegion)
    .option('--sandbox', 'an AMI is one of the sandbox')
    .action(
      run(async (cli, options, [target]) => (await import('./commands/scan.js')).scan(target ?? '', options, cli)),
    );
}
