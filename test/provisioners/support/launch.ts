// A machine that was "launched": a throw-away root folder with a metadata service for what runs in it at boot.
import { afterEach, beforeAll, beforeEach } from '@jest/globals';
import { type FakeImds, startFakeImds } from './fake-imds.js';
import { createMachine, ROOTFS_TIMEOUT_MS, type RunResult, type TestMachine } from './rootfs.js';

export interface Launch {
  /** Of the running test. */
  readonly machine: TestMachine;
  readonly imds: FakeImds;
  /** Runs the script that the image starts at boot, as this instance. */
  readonly boot: (instanceId: string, environment?: string) => Promise<RunResult>;
  /** Content of a file in the machine; empty when there is none. */
  readonly read: (path: string) => Promise<string>;
}

export interface LaunchOptions {
  /** Name below /usr/lib/buildimg/bin. */
  readonly script: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Run once in each new machine. */
  readonly prepare?: string;
}

/** Gives every test of the file a machine and a metadata service of its own. */
export function useLaunch({ script, metadata, prepare = 'true' }: LaunchOptions): Launch {
  let machine: TestMachine;
  let imds: FakeImds;

  beforeAll(async () => {
    await (await createMachine()).remove();
  }, ROOTFS_TIMEOUT_MS);

  beforeEach(async () => {
    machine = await createMachine();
    imds = await startFakeImds(metadata);
    await machine.run(prepare);
  });

  afterEach(async () => {
    await imds.close();
    await machine.remove();
  });

  return {
    get machine() {
      return machine;
    },
    get imds() {
      return imds;
    },
    boot(instanceId, environment = '') {
      imds.metadata.set('instance-id', instanceId);
      const service = `BUILDIMG_IMDS_ADDRESS=${imds.address} BUILDIMG_IMDS_WAIT_SECONDS=0`;
      return machine.run(`${service} ${environment} /usr/lib/buildimg/bin/${script}`);
    },
    async read(path) {
      return (await machine.run(`cat ${path} 2>/dev/null`)).stdout;
    },
  };
}
