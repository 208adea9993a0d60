// The checksums that S3 keeps beside an object's content. CRC-64/NVME is what the CRT-based clients send; it costs a table.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html

import { createHash } from 'node:crypto';

export interface RunningChecksum {
  update(chunk: Buffer): void;
  /** In base64. */
  digest(): string;
}

/** A checksum by the last part of its header's name (`crc32` of `x-amz-checksum-crc32`); undefined for others. */
export function startChecksum(algorithm: string): RunningChecksum | undefined {
  if (algorithm === 'sha1' || algorithm === 'sha256') return startHash(algorithm);
  if (algorithm === 'crc32') return startCrc32(0xed_b8_83_20);
  if (algorithm === 'crc32c') return startCrc32(0x82_f6_3b_78);
  if (algorithm === 'crc64nvme') return startCrc64();
  return undefined;
}

function startHash(algorithm: string): RunningChecksum {
  const hash = createHash(algorithm);
  return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest('base64') };
}

function startCrc32(polynomial: number): RunningChecksum {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    return value;
  });
  let crc = 0xff_ff_ff_ff;
  return {
    update(chunk) {
      for (const byte of chunk) crc = (table[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
    },
    digest() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE((crc ^ 0xff_ff_ff_ff) >>> 0);
      return bytes.toString('base64');
    },
  };
}

const CRC64_POLYNOMIAL = 0x9a_6c_93_29_ac_4b_c9_b5n;

// In two halves of 32 bits: BigInt for every byte would be fifty times as slow.
function startCrc64(): RunningChecksum {
  const table = Array.from({ length: 256 }, (_, byte) => {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) value = value & 1n ? (value >> 1n) ^ CRC64_POLYNOMIAL : value >> 1n;
    return value;
  });
  const highs = Uint32Array.from(table, (value) => Number(value >> 32n));
  const lows = Uint32Array.from(table, (value) => Number(value & 0xff_ff_ff_ffn));
  let high = 0xff_ff_ff_ff;
  let low = 0xff_ff_ff_ff;
  return {
    update(chunk) {
      for (const byte of chunk) {
        const index = (low ^ byte) & 0xff;
        low = ((low >>> 8) | (high << 24)) ^ (lows[index] ?? 0);
        high = (high >>> 8) ^ (highs[index] ?? 0);
      }
    },
    digest() {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt32BE((high ^ 0xff_ff_ff_ff) >>> 0, 0);
      bytes.writeUInt32BE((low ^ 0xff_ff_ff_ff) >>> 0, 4);
      return bytes.toString('base64');
    },
  };
}
