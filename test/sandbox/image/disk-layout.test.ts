import { describe, expect, it } from '@jest/globals';
import { layOutDisk } from '../../../src/sandbox/image/disk-layout.js';
import { locateGrub } from '../../../src/sandbox/image/grub-embedding.js';
import { parseAddresses } from '../../../src/sandbox/image/host-mirror.js';

const KEY = '0123456789abcdef'.repeat(4);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/;

describe('layOutDisk', () => {
  it('gives the root partition what the boot partition and the second table leave', () => {
    const layout = layOutDisk(8, KEY);

    expect(layout.sizeBytes).toBe(8 * 1024 ** 3);
    expect(layout.rootOffsetBytes + layout.rootSizeKib * 1024).toBe(layout.sizeBytes - 1024 ** 2);
    expect(layout.bootSector + layout.bootSectors).toBeLessThanOrEqual(layout.rootOffsetBytes / 512);
  });

  it('derives identifiers from the key, each another one', () => {
    const { rootPartitionId, rootFilesystemId } = layOutDisk(8, KEY);

    expect(rootPartitionId).toMatch(UUID);
    expect(rootFilesystemId).toMatch(UUID);
    expect(rootFilesystemId).not.toBe(rootPartitionId);
    expect(layOutDisk(8, KEY).rootPartitionId).toBe(rootPartitionId);
  });
});

describe('locateGrub', () => {
  it('writes where the core image lies into both images and leaves the partition table alone', () => {
    const { boot, core } = locateGrub({ boot: Buffer.alloc(512, 1), core: Buffer.alloc(1_000, 2) }, 2_048);

    expect(boot).toHaveLength(0x1b8);
    expect(boot.readBigUInt64LE(0x5c)).toBe(2_048n);
    expect(core).toHaveLength(1_024);
    expect(core.readBigUInt64LE(0x1f4)).toBe(2_049n);
    expect(core.readUInt16LE(0x1fc)).toBe(1);
  });
});

describe('parseAddresses', () => {
  it('reads one-line and deb822 sources, and no comments', () => {
    const oneLine =
      'deb [signed-by=/x.gpg] http://mirror.example/debian bookworm main\n# deb http://no.example/debian x main\n';
    const deb822 = 'Types: deb\nURIs: https://a.example/debian http://b.example/debian-security\nSuites: bookworm\n';

    expect(parseAddresses(oneLine)).toEqual(['http://mirror.example/debian']);
    expect(parseAddresses(deb822)).toEqual(['https://a.example/debian', 'http://b.example/debian-security']);
  });
});
