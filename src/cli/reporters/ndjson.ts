import type { Output } from '../output.js';
import type { Reporter } from './reporter.js';

/** Every event as one line of JSON on stderr; stdout stays the answer's. */
export function createNdjsonReporter(output: Output): Reporter {
  return {
    receive: (event) => output.progress(JSON.stringify(event)),
    say: (message) => {
      output.progress(JSON.stringify({ name: 'message.said', time: new Date(), message }));
    },
    close: () => undefined,
  };
}
