// Names on a Linux filesystem are bytes. Inside the scanner they are text, so that rules can compare them; bytes that
// are not UTF-8 become `\xNN`. The raw form is kept as a latin1 string (one character a byte), which is how Node hands
// out directory entries without copying.

const ASCII = /^[\x00-\x7f]*$/; // oxlint-disable-line no-control-regex

/** Text of a name given as latin1 bytes: UTF-8 where it is UTF-8, `\xNN` for every byte that is not. */
export function displayName(raw: string): string {
  if (ASCII.test(raw)) return raw;
  return displayBytes(Buffer.from(raw, 'latin1'));
}

/** The bytes that a latin1 string stands for, as something that node:fs takes as a path. */
export function rawPath(raw: string): string | Buffer {
  return ASCII.test(raw) ? raw : Buffer.from(raw, 'latin1');
}

/** A second spelling of a name, for when two siblings would be shown alike: `\` itself becomes `\x5c`. */
export function escapeBackslashes(name: string): string {
  return name.replaceAll('\\', '\\x5c');
}

function displayBytes(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (Buffer.from(text, 'utf8').equals(bytes)) return text;
  let shown = '';
  for (let at = 0; at < bytes.length; ) {
    const length = utf8SequenceLength(bytes, at);
    shown += length > 0 ? bytes.toString('utf8', at, at + length) : `\\x${hex(bytes.readUInt8(at))}`;
    at += Math.max(length, 1);
  }
  return shown;
}

/** Length of the valid UTF-8 sequence at `at`, or 0. */
function utf8SequenceLength(bytes: Buffer, at: number): number {
  const first = bytes.readUInt8(at);
  const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  const piece = bytes.subarray(at, at + length);
  return Buffer.from(piece.toString('utf8'), 'utf8').equals(piece) ? length : 0;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
