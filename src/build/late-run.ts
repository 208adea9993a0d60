import type { BuildImageRequest } from './build-request.js';
import type { BuildContext } from './context.js';
import { openRun, type Run } from './run.js';

/** A run that leaves a trace on this machine only when it turns out to do something. */
export interface LateRun {
  /** The same run each time. Errors: STATE_FOLDER_UNWRITABLE. */
  open(): Promise<Run>;
  /** Undefined as long as nobody has opened it. */
  findRun(): Run | undefined;
}

export function createLateRun(id: string, request: BuildImageRequest, context: BuildContext): LateRun {
  let opening: Promise<Run> | undefined;
  let opened: Run | undefined;
  return {
    async open() {
      opening ??= openRun(id, request, context);
      opened = await opening;
      return opened;
    },
    findRun: () => opened,
  };
}

/** A run that is open already, where one that may be opened later is asked for. */
export function asLateRun(run: Run): LateRun {
  return { open: async () => run, findRun: () => run };
}
