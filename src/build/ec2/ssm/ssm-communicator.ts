// Through SSM Run Command: no key pair, no security group, no inbound port. The instance asks SSM what to do.
import { createError } from '../../../errors.js';
import type { Communicator } from '../../../plugins/types.js';
import type { ImageBuild } from '../../build-request.js';
import { type InstanceScope, runScript } from '../run-script.js';
import { createBucketCarrier } from './bucket-carrier.js';
import { downloadInPieces, uploadInPieces } from './pieces.js';
import { createCommandRunner } from './run-command.js';
import { waitForAgent } from './wait-for-agent.js';

/** About 8 commands; what is larger takes the bucket, where there is one. */
const MAX_PIECES_BYTES = 256 * 1024;
/** About 60 commands; more is what buckets are for. */
const MAX_KIB = 2048;

export function createSsmCommunicator({ plan, run, request, context }: ImageBuild): Communicator {
  const { aws, interruption } = request;
  const { filesBucket, iamInstanceProfile } = plan.builder;
  return {
    async prepareLaunch(payload) {
      if (filesBucket === undefined && payload !== undefined && payload.size > MAX_KIB * 1024) {
        throw createError('EC2_PAYLOAD_TOO_LARGE', [plan.image, Math.ceil(payload.size / 1024), MAX_KIB]);
      }
      const instanceProfile = iamInstanceProfile ?? request.instanceProfile;
      if (instanceProfile === undefined) throw createError('EC2_PROFILE_MISSING', [plan.image]);
      return { instanceProfile };
    },
    async connect(instanceId) {
      const scope: InstanceScope = { aws, instanceId, clock: context.clock, signal: interruption.signal };
      const runOnce = createCommandRunner(run.id, scope);
      const runText = (script: Parameters<typeof runScript>[0]) => runScript(script, runOnce, scope);
      await waitForAgent(scope);
      const carrier =
        filesBucket === undefined ? undefined : createBucketCarrier({ bucket: filesBucket, run, aws, runText });
      return {
        instanceId,
        run: runText,
        async upload(file, target) {
          if (carrier !== undefined && file.size > MAX_PIECES_BYTES) return await carrier.upload(file, target);
          await uploadInPieces(file, target, runText);
        },
        async download(path, localPath) {
          if (carrier !== undefined) await carrier.download(path, localPath);
          else await downloadInPieces(path, localPath, runText);
        },
        close: async () => undefined,
      };
    },
  };
}
