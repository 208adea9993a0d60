// The part of a terminal that is drawn anew, below what stays.
import { clearScreenDown, cursorTo, moveCursor } from 'node:readline';
import stringWidth from 'string-width';
import type { Output } from '../output.js';

const REDRAW_INTERVAL_MS = 100;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

export interface LiveArea {
  /** Writes lines for good, above what is drawn. */
  write(lines: readonly string[]): void;
  /** Takes the drawn part away; the terminal is as it was found. */
  close(): void;
}

export interface LiveAreaOptions {
  readonly output: Output;
  readonly stream: NodeJS.WriteStream;
  /** What to draw now, no line wider than the terminal. */
  readonly draw: (terminal: Terminal) => readonly string[];
}

export interface Terminal {
  readonly width: number;
  readonly rows: number;
  readonly spinner: string;
}

/** Redraws ten times a second; follows the size of the terminal. */
export function openLiveArea({ output, stream, draw }: LiveAreaOptions): LiveArea {
  let drawn: readonly string[] = [];
  let frame = 0;
  let isClosed = false;
  const timer = setInterval(() => {
    frame += 1;
    redraw([]);
  }, REDRAW_INTERVAL_MS);
  timer.unref();

  function redraw(above: readonly string[]): void {
    const width = Math.max(stream.columns ?? 80, 20);
    const spinner = FRAMES[frame % FRAMES.length] ?? '-';
    const live = isClosed ? [] : draw({ width, rows: stream.rows ?? 24, spinner });
    erase(stream, drawn, width);
    const lines = [...above.map((line) => output.toShown(line)), ...live];
    if (lines.length > 0) {
      stream.write(`${lines.join('\n')}\n`);
    }
    drawn = live;
  }

  return {
    write: redraw,
    close() {
      clearInterval(timer);
      isClosed = true;
      redraw([]);
    },
  };
}

// A terminal that was made narrower has wrapped what was drawn, so a line may stand on several rows now.
function erase(stream: NodeJS.WriteStream, lines: readonly string[], width: number): void {
  const rows = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(stringWidth(line) / width)), 0);
  if (rows > 0) {
    moveCursor(stream, 0, -rows);
    cursorTo(stream, 0);
    clearScreenDown(stream);
  }
}
