// Over SSH, for images without an SSM agent and networks without a way to SSM: a key pair of the run's own, a port that only
// this machine may reach, a host that is known before it is asked.
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../../../aws/wait-until.js';
import { BuildimgError, createError } from '../../../errors.js';
import type { Communicator } from '../../../plugins/types.js';
import { quoteShell } from '../../../render/quote.js';
import type { ImageBuild } from '../../build-request.js';
import { assertAlive, type InstanceScope, runScript } from '../run-script.js';
import { pinHostKeys } from './host-keys.js';
import { openPort } from './open-port.js';
import { openSshConnection, type SshConnection } from './ssh-connection.js';
import { KNOWN_HOSTS_FILE, type SshAddress } from './ssh-options.js';
import { ensureTemporaryKey, findSshFolder } from './temporary-key.js';

const LONGEST_DELAY_MS = 2000;
const MAX_ATTEMPTS = 3;
const RETRY_DELAY_MS = 3000;

export function createSshCommunicator(build: ImageBuild): Communicator {
  const { plan, run, request, context } = build;
  return {
    async prepareLaunch() {
      const authorizedKey = await ensureTemporaryKey(run, context);
      const { iamInstanceProfile } = plan.builder;
      return {
        authorizedKey,
        securityGroupIds: await openPort(build),
        ...(iamInstanceProfile === undefined ? {} : { instanceProfile: iamInstanceProfile }),
      };
    },
    async connect(instanceId) {
      const { clock, environment } = context;
      const { signal } = request.interruption;
      const scope: InstanceScope = { aws: request.aws, instanceId, clock, signal };
      const folder = findSshFolder(run);
      const limitMs = plan.builder.sshTimeoutMinutes * 60_000;
      await pinHostKeys(join(folder, KNOWN_HOSTS_FILE), { ...scope, limitMs });
      const open = async () =>
        openSshConnection({ address: await findAddress(build, instanceId), folder, environment, signal });
      let connection = await keepTrying(open, { ...scope, limitMs });
      async function connected(): Promise<SshConnection> {
        if (!connection.isOpen()) connection = await open();
        return connection;
      }
      return {
        instanceId,
        run: (script) =>
          runScript(
            script,
            async (each) => {
              const current = await connected().catch(passRefusal);
              return await current?.run(each);
            },
            scope,
          ),
        async upload(file, { path, afterwards }) {
          const target = quoteShell(path);
          const check = `set -eu; umask 077; mkdir -p "$(dirname -- ${target})"; cat >${target}
printf '%s  %s\\n' ${file.digest} ${target} | sha256sum -c --quiet`;
          await repeat(scope, async () =>
            (await connected()).stream(`${check}\n${afterwards}`, { input: createReadStream(file.path) }),
          );
        },
        async download(path, localPath) {
          await repeat(scope, async () => {
            const output = createWriteStream(localPath, { mode: 0o600 });
            await (await connected()).stream(`exec cat -- ${quoteShell(path)}`, { output });
          });
        },
        async close() {
          connection.close();
        },
      };
    },
  };
}

/** Carries a file again when the connection was cut. */
async function repeat({ clock, signal }: InstanceScope, carry: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await carry();
    } catch (error) {
      passRefusal(error);
      if (attempt === MAX_ATTEMPTS) throw error;
      await clock.sleep(RETRY_DELAY_MS, signal);
    }
  }
}

/** As packer has it: the public address, or the private one where there is no other. */
async function findAddress({ plan, request }: ImageBuild, instanceId: string): Promise<SshAddress> {
  const { publicIp, privateIp } = (await request.aws.instances.findInstance(instanceId)) ?? {};
  const host = publicIp ?? privateIp;
  if (host === undefined) throw createError('EC2_SSH_FAILED', [`${instanceId} has no address yet`]);
  return { host, port: request.sshPort ?? plan.builder.sshPort, user: plan.loginUser, instanceId };
}

/** sshd comes up before the key is in place, and the port before sshd. Errors: EC2_SSH_FAILED; EC2_INSTANCE_LOST. */
async function keepTrying(
  open: () => Promise<SshConnection>,
  { limitMs, ...scope }: InstanceScope & { readonly limitMs: number },
): Promise<SshConnection> {
  let last: unknown;
  try {
    return await waitUntil({
      what: `sshd of ${scope.instanceId}`,
      limitMs,
      longestDelayMs: LONGEST_DELAY_MS,
      clock: scope.clock,
      signal: scope.signal,
      async check() {
        const connection = await open().catch((error: unknown) => {
          last = error;
          return passRefusal(error);
        });
        if (connection === undefined) await assertAlive(scope);
        return connection;
      },
    });
  } catch (error) {
    throw error instanceof BuildimgError && error.code === 'WAIT_TIMED_OUT' ? last : error;
  }
}

/** What another attempt may better. A host that shows other keys than its console never does. */
function passRefusal(error: unknown): undefined {
  const isRefusal = error instanceof BuildimgError && error.code === 'EC2_SSH_FAILED';
  if (!isRefusal || /host key verification failed/i.test(error.message)) throw error;
  return undefined;
}
