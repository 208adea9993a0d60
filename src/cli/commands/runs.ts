import { listRuns, type RunReport } from '../../build/read-runs.js';
import { ExitCode } from '../../errors.js';
import type { CliContext } from '../cli-context.js';
import { describeDamage } from '../describe-damage.js';

/** Lists what ran, the newest first. */
export async function runs({ json }: { readonly json?: boolean }, cli: CliContext): Promise<ExitCode> {
  const found = await listRuns(cli.environment);
  if (json === true) {
    cli.output.answer(JSON.stringify({ runs: found.map(({ records: _records, ...run }) => run) }, undefined, 2));
    return ExitCode.done;
  }
  if (found.length === 0) cli.output.progress('No build has run yet.');
  const imageWidth = Math.max(...found.map(({ image }) => image.length));
  for (const run of found) cli.output.answer(formatRun(run, imageWidth));
  return ExitCode.done;
}

function formatRun(report: RunReport, imageWidth: number): string {
  const { run, state, image, startedAt, amiId, resources } = report;
  const left = resources.filter((resource) => resource.state === 'left').length;
  const time = startedAt.slice(0, 19).replace('T', ' ');
  const columns = [run, state.padEnd(11), image.padEnd(imageWidth), time, amiId ?? ''];
  const notes = [left === 0 ? undefined : `${left} left behind`, describeDamage(report)];
  return [...columns, ...notes.filter((note) => note !== undefined)].join('  ').trimEnd();
}
