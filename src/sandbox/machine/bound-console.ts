// A guest writes to its serial console as it likes, and QEMU into a file of this host.

import { open } from 'node:fs/promises';
import { limits } from '../../lib/limits.js';

const LOOK_INTERVAL_MS = 5000;
const BLOCK_BYTES = 512;
/** As much as GetConsoleOutput gives. */
const KEPT_BYTES = 64 * 1024;

/** Looks at a machine's console from time to time, until the function that it gives is called. */
export function watchConsoleSize(file: string): () => void {
  const timer = setInterval(() => void boundConsole(file).catch(() => undefined), LOOK_INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/**
 * Drops all but the end of a console that takes more room than its limit. QEMU goes on where it was in the file, so what was
 * dropped becomes a hole, which takes none.
 */
export async function boundConsole(file: string, maxBytes: number = limits.consoleBytes): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    const { size, blocks } = await handle.stat();
    if (blocks * BLOCK_BYTES <= maxBytes) return;
    const start = Math.max(size - KEPT_BYTES, 0);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - start), 0, size - start, start);
    await handle.truncate(0);
    await handle.write(buffer, 0, bytesRead, start);
  } finally {
    await handle.close();
  }
}
