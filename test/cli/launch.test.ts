// `buildimg sandbox launch` of machines that do not do what they should, with a program in QEMU's place.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeImagesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, it } from '@jest/globals';
import { readSandboxStatus } from '../../src/sandbox/daemon.js';
import { resolveSandboxPaths } from '../../src/sandbox/paths.js';
import { registerBaseImage } from '../../src/sandbox/world/base-images.js';
import { LAST_WORDS, type QemuBehavior, writeFakeQemu } from '../support/fake-qemu.js';
import { createHome, type Home } from '../support/run-cli.js';

describe('buildimg sandbox launch', () => {
  it.each<[string, QemuBehavior]>([
    ['before it can be talked to', 'dies'],
    ['later', 'dies-later'],
  ])('says at once what QEMU said of a machine that dies %s', async (_when, tcg) => {
    await withSandbox(tcg, async (home, ami) => {
      const { status, stderr } = await home.run('sandbox', 'launch', ami);

      expect(status).toBe(3);
      expect(stderr).toContain('is not running any more: Server.InternalError');
      expect(stderr).toContain(LAST_WORDS);
    });
  });

  it('says that the guest powered itself off', async () => {
    await withSandbox('powers-off', async (home, ami) => {
      const { status, stderr } = await home.run('sandbox', 'launch', ami);

      expect(status).toBe(3);
      expect(stderr).toContain('Client.InstanceInitiatedShutdown: Instance initiated shutdown');
    });
  });
});

async function withSandbox(tcg: QemuBehavior, use: (home: Home, ami: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'fake-qemu-'));
  writeFakeQemu(folder, { tcg });
  const PATH = `${folder}:${process.env.PATH}`;
  const home = await createHome({ PATH, BUILDIMG_SANDBOX_ACCELERATOR: 'tcg' });
  try {
    const stateDir = join(home.folder, 'buildimg', 'sandbox');
    await registerBaseImage(resolveSandboxPaths(stateDir), aDebian(folder));
    const up = await home.run('sandbox', 'up');
    expect(up.status).toBe(0);
    await use(home, await findAmi(stateDir));
  } finally {
    await home.run('sandbox', 'down');
    home.remove();
    rmSync(folder, { recursive: true });
  }
}

async function findAmi(stateDir: string): Promise<string> {
  const status = await readSandboxStatus(stateDir);
  if (status.state === 'down') throw new Error('the sandbox is down');
  const { endpoint, credentials } = status.info;
  const ec2 = new EC2Client({ endpoint, credentials, region: 'us-east-1' });
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({}));
  ec2.destroy();
  return Images[0]?.ImageId ?? '';
}

function aDebian(folder: string) {
  const file = join(folder, 'base.qcow2');
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', file, '1G']);
  return {
    os: 'debian-12',
    architecture: 'x86_64',
    file,
    ownerId: '136693071363',
    name: 'debian-12-amd64-test',
    description: 'a disk without a system',
    rootDeviceName: '/dev/xvda',
    loginUser: 'admin',
    ssmParameters: [],
    createdAt: '2026-01-01T00:00:00Z',
  } as const;
}
