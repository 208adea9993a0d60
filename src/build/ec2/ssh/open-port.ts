import { RUN_TAG } from '../../../aws/ports.js';
import { waitUntil } from '../../../aws/wait-until.js';
import type { ImageBuild } from '../../build-request.js';
import { findOwnAddress } from '../../find-own-address.js';
import { tagInstance } from '../instance-tags.js';

const LIMIT_MS = 60_000;

/**
 * The security groups of the build instance: those of the config, or a temporary one whose only rule lets this machine in.
 * Errors: OWN_ADDRESS_UNKNOWN; those of EC2.
 */
export async function openPort(build: ImageBuild): Promise<readonly string[]> {
  const { plan, run, request, context } = build;
  const { builder } = plan;
  if (builder.securityGroupIds !== undefined) return builder.securityGroupIds;
  const { signal } = request.interruption;
  const cidrs = builder.sshSourceCidrs ?? [request.sshSourceCidr ?? (await findOwnAddress(signal))];
  const groupId = await ensureGroup(build);
  run.learn('security-group', groupId);
  const { network } = request.aws;
  await waitUntil({
    what: `security group ${groupId}`,
    limitMs: LIMIT_MS,
    clock: context.clock,
    signal,
    check: async () => ((await network.allowTcp(groupId, { port: builder.sshPort, cidrs })) ? true : undefined),
  });
  return [groupId];
}

/** Named after the run: that of an earlier attempt, or one whose creation was answered to nobody, is the same one. */
async function ensureGroup({ plan, run, request, context }: ImageBuild): Promise<string> {
  const { network, resources } = request.aws;
  const name = `buildimg-${run.id}`;
  run.intend({ operation: 'create-security-group', amiName: plan.amiName, groupName: name });
  const subnetId = plan.builder.subnetId ?? plan.builder.subnetIds?.[0];
  const vpcId = plan.builder.vpcId ?? (subnetId === undefined ? undefined : await network.findVpc(subnetId));
  const created = await network.createSecurityGroup({
    name,
    description: `Build of ${plan.image}`,
    tags: tagInstance(plan, run),
    ...(vpcId === undefined ? {} : { vpcId }),
  });
  if (created !== undefined) return created;
  return await waitUntil({
    what: `security group ${name}`,
    limitMs: LIMIT_MS,
    clock: context.clock,
    signal: request.interruption.signal,
    async check() {
      const groups = await resources.findSecurityGroups({ run: run.id, names: [name] });
      return groups.find(({ tags }) => tags[RUN_TAG] === run.id)?.id;
    },
  });
}
