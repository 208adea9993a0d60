import type { BuildimgEvent } from '../../events.js';

/** Listens to the events of runs and shows them in its own way. */
export interface Reporter {
  receive(event: BuildimgEvent): void;
  /** Stands aside for a line that is not an event, such as a message about a signal. */
  say(line: string): void;
  /** Leaves the terminal as it was found. */
  close(): void;
}
