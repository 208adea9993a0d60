import { StringDecoder } from 'node:string_decoder';

export interface LineEmitter {
  readonly push: (bytes: Buffer) => void;
  /** What is left without a newline is a line too. */
  readonly end: () => void;
}

/** Lines of bytes that come in pieces, which may cut a character in two. */
export function createLineEmitter(emit: (line: string) => void): LineEmitter {
  const decoder = new StringDecoder('utf8');
  let pending = '';
  return {
    push(bytes) {
      const lines = (pending + decoder.write(bytes)).split(/\r?\n|\r/);
      pending = lines.pop() ?? '';
      for (const line of lines) emit(line);
    },
    end() {
      const rest = pending + decoder.end();
      pending = '';
      if (rest !== '') emit(rest);
    },
  };
}
