// A boot as it is seen from outside, over real QEMU: the disk holds one sector of code instead of a system.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createQemuDriver } from '../../../src/sandbox/machine/qemu-driver.js';
import type { BootLimits } from '../../../src/sandbox/machine/watch-boot.js';
import { aLaunchRequest } from '../../support/a-launch-request.js';
import { withTemporaryFolder } from '../../support/temporary-folder.js';

const ID = 'i-0123456789abcdef0';

// Memory survives a reset, but for what firmware clears from 0x7000 on: so the code can tell whether it ran before.
const FIRST_TIME_SILENT = [
  [0xb8, 0x00, 0x01, 0x8e, 0xd8], // mov ax,0x0100; mov ds,ax
  [0x81, 0x3e, 0x00, 0x00, 0xef, 0xbe, 0x74, 0x09], // cmp word [0],0xbeef; je print
  [0xc7, 0x06, 0x00, 0x00, 0xef, 0xbe], // mov word [0],0xbeef
  [0xf4, 0xeb, 0xfd], // hang: hlt; jmp hang
  [0xba, 0xf8, 0x03, 0xb0, 0x52, 0xee, 0xeb, 0xf5], // print: mov dx,0x3f8; mov al,'R'; out dx,al; jmp hang
].flat();

const PRINTS_EVERY_TIME = [0xba, 0xf8, 0x03, 0xb0, 0x41, 0xee, 0xf4, 0xeb, 0xfd]; // mov al,'A'; out dx,al; hlt; again

describe('watchBoot', () => {
  it('resets a machine that prints nothing, and counts it as running when its time is over', async () => {
    const console = await boot(FIRST_TIME_SILENT, { silenceMs: 6_000, bannerMs: 16_000, lifeMs: 60_000 });

    expect(console).toBe('R');
  });

  it('leaves a machine alone that has printed something', async () => {
    const console = await boot(PRINTS_EVERY_TIME, { silenceMs: 6_000, bannerMs: 10_000, lifeMs: 60_000 });

    expect(console).toBe('A');
  });
});

/** What a machine whose disk begins with `code` has printed by the time that it counts as running. */
async function boot(code: readonly number[], bootLimits: BootLimits): Promise<string> {
  return withTemporaryFolder(async (folder) => {
    const driver = createQemuDriver({ stateDir: folder, chosen: 'tcg', now: () => 0, bootLimits });
    const running = new Promise<void>((resolve) => {
      driver.onStateChange((_id, state) => state === 'running' && resolve());
    });
    try {
      const baseImage = makeBootDisk(folder, code);
      await driver.launch(aLaunchRequest({ baseImage, sshPort: 20_000 + (process.pid % 20_000) }));
      await running;
      return (await driver.readConsole(ID)).toString('latin1');
    } finally {
      await driver.terminate(ID);
    }
  });
}

function makeBootDisk(folder: string, code: readonly number[]): string {
  const raw = join(folder, 'disk.raw');
  const sector = Buffer.alloc(1024 * 1024);
  sector.set(code, 0);
  sector.set([0x55, 0xaa], 510);
  writeFileSync(raw, sector);
  const image = join(folder, 'disk.qcow2');
  execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, image]);
  return image;
}
