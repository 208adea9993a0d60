// The initial file system of the probe's guest: /init, a program of a few instructions, and the console that it prints to.

/** What the guest's process prints; nothing before it does. */
export const PROBE_LINE = 'buildimg: a process runs in this guest';

const ADDRESS = 0x40_0000;
const ELF_HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;

/** An uncompressed cpio archive, which every Linux kernel unpacks. */
export function makeProbeInitrd(): Buffer {
  return Buffer.concat([
    cpioEntry({ name: 'dev', mode: 0o040_755 }),
    // The kernel opens it as the first process's standard streams; 5:1 is /dev/console.
    cpioEntry({ name: 'dev/console', mode: 0o020_600, device: [5, 1] }),
    cpioEntry({ name: 'init', mode: 0o100_755, content: makeInit() }),
    cpioEntry({ name: 'TRAILER!!!', mode: 0 }),
  ]);
}

interface CpioEntry {
  readonly name: string;
  readonly mode: number;
  readonly device?: readonly [major: number, minor: number];
  readonly content?: Buffer;
}

/** The "newc" format: https://docs.kernel.org/driver-api/early-userspace/buffer-format.html */
function cpioEntry({ name, mode, device: [major, minor] = [0, 0], content = Buffer.alloc(0) }: CpioEntry): Buffer {
  const fields = [0, mode, 0, 0, 1, 0, content.length, 0, 0, major, minor, name.length + 1, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${name}\0`;
  return Buffer.concat([padToFour(Buffer.from(header, 'latin1')), padToFour(content)]);
}

function padToFour(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

/** A static x86-64 program: write(1, line, length), and then pause() for ever, since a kernel whose first process ends panics. */
function makeInit(): Buffer {
  const line = Buffer.from(`${PROBE_LINE}\n`, 'latin1');
  const code = Buffer.from(
    [
      [0xb8, 1, 0, 0, 0], // mov eax, write
      [0xbf, 1, 0, 0, 0], // mov edi, 1
      [0x48, 0x8d, 0x35, 16, 0, 0, 0], // lea rsi, [rip + 16]: the line, which follows the code
      [0xba, line.length, 0, 0, 0], // mov edx, length
      [0x0f, 0x05], // syscall
      [0xb8, 34, 0, 0, 0], // again: mov eax, pause
      [0x0f, 0x05], // syscall
      [0xeb, 0xf7], // jmp again
    ].flat(),
  );
  const size = ELF_HEADER_BYTES + PROGRAM_HEADER_BYTES + code.length + line.length;
  return Buffer.concat([elfHeader(), programHeader(size), code, line]);
}

function elfHeader(): Buffer {
  const header = Buffer.alloc(ELF_HEADER_BYTES);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]).copy(header); // 64 bits, little endian
  header.writeUInt16LE(2, 16); // executable
  header.writeUInt16LE(62, 18); // x86-64
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(ADDRESS + ELF_HEADER_BYTES + PROGRAM_HEADER_BYTES), 24); // entry
  header.writeBigUInt64LE(BigInt(ELF_HEADER_BYTES), 32); // program headers
  header.writeUInt16LE(ELF_HEADER_BYTES, 52);
  header.writeUInt16LE(PROGRAM_HEADER_BYTES, 54);
  header.writeUInt16LE(1, 56);
  return header;
}

function programHeader(size: number): Buffer {
  const header = Buffer.alloc(PROGRAM_HEADER_BYTES);
  header.writeUInt32LE(1, 0); // to be loaded
  header.writeUInt32LE(5, 4); // read, execute
  header.writeBigUInt64LE(BigInt(ADDRESS), 16);
  header.writeBigUInt64LE(BigInt(ADDRESS), 24);
  header.writeBigUInt64LE(BigInt(size), 32);
  header.writeBigUInt64LE(BigInt(size), 40);
  header.writeBigUInt64LE(0x1000n, 48);
  return header;
}
