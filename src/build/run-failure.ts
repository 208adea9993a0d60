// Why a run failed, as its journal keeps it for whoever asks afterwards.
import { readConsoleEnd } from '../aws/read-console-end.js';
import { createMask } from '../config/mask-secrets.js';
import { BuildimgError } from '../errors.js';
import type { CleanUpRequest } from './clean-up-after.js';
import type { BuildContext } from './context.js';

export interface RunFailure {
  /** Code of the error, as in docs/errors.md; `BUG` for one that has none. */
  readonly code: string;
  readonly message: string;
  /** Undefined when it failed in none. */
  readonly step?: string;
  /** The last lines that its steps printed, the oldest first. */
  readonly output: readonly string[];
  /** The last lines of the instance's console; undefined when there was no instance, or EC2 gave nothing. */
  readonly console?: string;
}

/** What a run has told so far. */
export interface RunStory {
  /** The step that failed last. */
  findFailedStep(): string | undefined;
  listOutput(): readonly string[];
}

const LINES_KEPT = 20;
const MESSAGE_LIMIT = 8000;
const CONSOLE_LIMIT_MS = 10_000;

/** The same context, whose events are listened to. */
export function watchStory(context: BuildContext): { readonly context: BuildContext; readonly story: RunStory } {
  let failedStep: string | undefined;
  const output: string[] = [];
  const emit: BuildContext['emit'] = (name, payload) => {
    if ('reason' in payload && 'step' in payload) failedStep = payload.step;
    if ('line' in payload) output.splice(0, output.push(payload.line) - LINES_KEPT);
    context.emit(name, payload);
  };
  return { context: { ...context, emit }, story: { findFailedStep: () => failedStep, listOutput: () => [...output] } };
}

export interface FailureScope {
  readonly request: Pick<CleanUpRequest, 'aws' | 'secrets'>;
  readonly context: Pick<BuildContext, 'clock'>;
  readonly story: RunStory;
  /** Instance of the run, which may have ended: EC2 shows its console for about an hour. */
  readonly instanceId: string | undefined;
}

/** Describes a failure; secrets are masked. Never throws: what EC2 does not tell is left out. */
export async function describeFailure(error: unknown, scope: FailureScope): Promise<RunFailure> {
  const { request, story } = scope;
  const mask = createMask(request.secrets ?? []);
  const step = story.findFailedStep();
  const console = await findConsole(scope);
  return {
    code: error instanceof BuildimgError ? error.code : 'BUG',
    message: mask(error instanceof Error ? error.message : String(error)).slice(0, MESSAGE_LIMIT),
    ...(step === undefined ? {} : { step }),
    output: story.listOutput().map(mask),
    ...(console === '' ? {} : { console: mask(console) }),
  };
}

async function findConsole({ request, context, instanceId }: FailureScope): Promise<string> {
  if (instanceId === undefined) return '';
  const waited = new AbortController();
  const givenUp = context.clock.sleep(CONSOLE_LIMIT_MS, waited.signal).then(
    () => '',
    () => '',
  );
  const console = await Promise.race([readConsoleEnd(request.aws.instances, instanceId), givenUp]);
  waited.abort();
  return console;
}
