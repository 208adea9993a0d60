/** The beginning of a qcow2 with a disk of the given size, and some bytes to tell one from another. */
export function aQcow2({
  sizeGib = 8,
  content = '',
}: {
  readonly sizeGib?: number;
  readonly content?: string;
} = {}): Buffer {
  const header = Buffer.alloc(104);
  header.write('QFI\xfb', 0, 'latin1');
  header.writeUInt32BE(3, 4);
  header.writeBigUInt64BE(BigInt(sizeGib) * 1024n ** 3n, 24);
  return Buffer.concat([header, Buffer.from(content)]);
}
