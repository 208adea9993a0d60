import { appendLogEvents } from '../logs/log-store.js';
import type { LogStreamRecord } from '../world/service-records.js';
import type { SandboxServices } from '../world/services.js';
import { appendToFile } from './run-packer.js';

/** The log of one platform build, as the builder's Ruby logger writes it. */
export interface PlatformLog {
  /** A line of packer's machine-readable output. */
  packer(line: string): void;
  info(message: string): void;
  error(message: string): void;
  /** Resolves when everything is written. */
  close(): Promise<void>;
}

/** Opens a log that goes to a stream of CloudWatch Logs and to a file. */
export function openPlatformLog(services: SandboxServices, stream: LogStreamRecord, file: string): PlatformLog {
  let waiting: { readonly timestamp: number; readonly message: string }[] = [];
  let writing: Promise<void> | undefined;

  function add(severity: 'INFO' | 'ERROR', text: string): void {
    const now = services.clock.now();
    // Ruby's logger: "I, [2018-03-08T02:35:00.179536+0000#21452]  INFO -- Packer: …". The EB CLI drops a whole batch for
    // one line without " -- " and a word with a colon behind it.
    const time = now.toISOString().replace('Z', '000');
    const message = `${severity.charAt(0)}, [${time}#1] ${severity.padStart(5)} -- ${text}`;
    waiting.push({ timestamp: now.getTime(), message });
    writing ??= write().finally(() => {
      writing = undefined;
    });
  }

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await appendLogEvents(services, stream, batch);
      await appendToFile(
        file,
        batch.map(({ message }) => message),
      );
    }
  }

  return {
    packer: (line) => add('INFO', `Packer: ${line}`),
    info: (message) => add('INFO', `info: ${message}`),
    error: (message) => add('ERROR', `error: ${message.replaceAll('\n', '\\n')}`),
    async close() {
      await writing;
    },
  };
}
