import { join } from 'node:path';
import type { Intention, JournalRecord } from '../../build/journal.js';
import { getRun, listRuns, type RunReport } from '../../build/read-runs.js';
import { createError, ExitCode } from '../../errors.js';
import type { CliContext } from '../cli-context.js';
import { describeDamage } from '../describe-damage.js';
import { formatDuration } from '../format-duration.js';
import { formatFailure } from '../format-failure.js';

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
  const damage = describeDamage(run);
  return [
    `${run.run}  ${run.image}: ${run.state}${elapsed}`,
    ...(run.owner === undefined ? [] : [`  owner     ${run.owner}; from here it cannot be told whether that goes on`]),
    `  region    ${run.region === '' ? '?' : run.region}${run.endpoint === undefined ? '' : ` at ${run.endpoint}`}`,
    ...(amiId === undefined ? [] : [`  AMI       ${amiId}`]),
    ...(amiName === undefined ? [] : [`  name      ${amiName}`]),
    ...(logFile === undefined ? [] : [`  log       ${logFile}`]),
    `  folder    ${run.folder}`,
    ...(damage === undefined ? [] : [`  journal   ${damage}: ${join(run.folder, 'journal.jsonl')}`]),
    ...(run.failure === undefined ? [] : formatFailure(run.failure)),
    '',
    'Timeline',
    ...records.map((record) => `  ${formatOffset(record, startedAt)}  ${describeRecord(record)}`),
    ...(resources.length === 0 ? [] : ['', 'Resources']),
    ...resources.map(({ kind, id, region = '', state, reason }) => {
      return `  ${kind.padEnd(14)}  ${`${id} ${region}`.trimEnd().padEnd(22)}  ${state}${reason === undefined ? '' : `: ${reason}`}`;
    }),
  ];
}

function formatOffset({ time }: JournalRecord, startedAt: string): string {
  return `+${formatDuration(Date.parse(time) - Date.parse(startedAt))}`.padStart(12);
}

function describeIntention(intention: Intention): string {
  const { amiName } = intention;
  switch (intention.operation) {
    case 'packer-build':
      return `packer is about to build ${amiName}`;
    case 'run-instances':
      return `an instance is about to be launched for ${amiName}`;
    case 'create-security-group':
      return `a security group is about to be made for ${amiName}`;
    case 'seal':
      return `the instance is about to be sealed for ${amiName}`;
    case 'create-image':
      return `EC2 is about to be asked for ${amiName}`;
    case 'start-snapshot':
      return `a snapshot is about to be begun for ${amiName}`;
    case 'register-image':
      return `EC2 is about to be asked for ${amiName}`;
    case 'boot-test':
      return `an instance of ${amiName} is about to be launched for its test`;
    case 'copy-image':
      return `${amiName} is about to be copied to ${intention.region}`;
    case 'tag-image':
      return `${intention.imageId} in ${intention.region} is about to be tagged`;
    case 'deprecate-image':
      return `${intention.imageId} in ${intention.region} is about to be deprecated from ${intention.at} on`;
    case 'protect-image':
      return `${intention.imageId} in ${intention.region} is about to be protected`;
    case 'share-image':
      return `${intention.imageId} in ${intention.region} is about to be shared`;
    case 'share-snapshot':
      return `${intention.snapshotId} in ${intention.region} is about to be shared`;
    case 'put-parameter':
      return `${intention.parameter} in ${intention.region} is about to become ${intention.imageId}`;
  }
}

function describeRecord(record: JournalRecord): string {
  switch (record.kind) {
    case 'started':
      return 'started';
    case 'resumed':
      return 'taken up again';
    case 'intended':
      return describeIntention(record);
    case 'learned':
      return `${formatPlace(record)} was made`;
    case 'removed':
      return `${formatPlace(record)} was removed`;
    case 'left':
      return `${formatPlace(record)} could not be removed: ${record.reason}`;
    case 'published':
      return `${record.amiId} may be used by others from here on`;
    case 'finished':
      return record.failure === undefined ? record.outcome : `${record.outcome}: ${record.failure.code}`;
  }
}

function formatPlace({
  resource,
  id,
  region,
}: Extract<JournalRecord, { readonly kind: 'learned' | 'removed' | 'left' }>): string {
  return `${resource} ${id}${region === undefined ? '' : ` in ${region}`}`;
}
