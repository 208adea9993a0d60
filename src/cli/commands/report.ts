import type { JournalRecord } from '../../build/journal.js';
import { getRun, listRuns, type RunReport } from '../../build/read-runs.js';
import { createError, ExitCode } from '../../errors.js';
import type { CliContext } from '../cli-context.js';
import { formatDuration } from '../format-duration.js';

/** Shows what a run did, from its journal; without a name the last one. */
export async function report(
  name: string | undefined,
  { json }: { readonly json?: boolean },
  cli: CliContext,
): Promise<ExitCode> {
  const run = name === undefined ? await getLastRun(cli) : await getRun(name, cli.environment);
  cli.output.answer(json === true ? JSON.stringify(run, undefined, 2) : formatReport(run).join('\n'));
  return ExitCode.done;
}

async function getLastRun({ environment }: CliContext): Promise<RunReport> {
  const [last] = await listRuns(environment);
  if (last === undefined) throw createError('USAGE', ['No build has run yet, so there is nothing to report']);
  return last;
}

function formatReport(run: RunReport): readonly string[] {
  const { startedAt, finishedAt, amiId, amiName, resources, records, logFile } = run;
  const elapsed =
    finishedAt === undefined ? '' : ` in ${formatDuration(Date.parse(finishedAt) - Date.parse(startedAt))}`;
  return [
    `${run.run}  ${run.image}: ${run.state}${elapsed}`,
    `  region    ${run.region}${run.endpoint === undefined ? '' : ` at ${run.endpoint}`}`,
    ...(amiId === undefined ? [] : [`  AMI       ${amiId}`]),
    ...(amiName === undefined ? [] : [`  name      ${amiName}`]),
    ...(logFile === undefined ? [] : [`  log       ${logFile}`]),
    `  folder    ${run.folder}`,
    '',
    'Timeline',
    ...records.map((record) => `  ${formatOffset(record, startedAt)}  ${describeRecord(record)}`),
    ...(resources.length === 0 ? [] : ['', 'Resources']),
    ...resources.map(({ kind, id, state, reason }) => {
      return `  ${kind.padEnd(14)}  ${id.padEnd(22)}  ${state}${reason === undefined ? '' : `: ${reason}`}`;
    }),
  ];
}

function formatOffset({ time }: JournalRecord, startedAt: string): string {
  return `+${formatDuration(Date.parse(time) - Date.parse(startedAt))}`.padStart(12);
}

const INTENTIONS = {
  'packer-build': 'packer is about to build',
  'run-instances': 'an instance is about to be launched for',
  'create-security-group': 'a security group is about to be made for',
  seal: 'the instance is about to be sealed for',
  'create-image': 'EC2 is about to be asked for',
} as const;

function describeRecord(record: JournalRecord): string {
  switch (record.kind) {
    case 'started':
      return 'started';
    case 'resumed':
      return 'taken up again';
    case 'intended':
      return `${INTENTIONS[record.operation]} ${record.amiName}`;
    case 'learned':
      return `${record.resource} ${record.id} was made`;
    case 'removed':
      return `${record.resource} ${record.id} was removed`;
    case 'left':
      return `${record.resource} ${record.id} could not be removed: ${record.reason}`;
    case 'finished':
      return record.outcome;
  }
}
