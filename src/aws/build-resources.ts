import {
  CreateTagsCommand,
  DeleteKeyPairCommand,
  DeleteSecurityGroupCommand,
  DeleteSnapshotCommand,
  DeleteTagsCommand,
  DeleteVolumeCommand,
  DeregisterImageCommand,
  type EC2Client,
  ModifyImageAttributeCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { BucketFiles } from './ec2-ports.js';
import { createResourceFinder } from './find-resources.js';
import type { BuildResources } from './ports.js';
import type { ResourceLookups } from './resource-lookups.js';
import { toTags } from './tags.js';
import { callAws, callAwsOrMiss } from './translate-error.js';

/** What the build `caller` makes, over the SDK. */
export function createBuildResources(
  { ec2, files }: { readonly ec2: EC2Client; readonly files: BucketFiles },
  lookups: ResourceLookups,
  caller: string,
): BuildResources {
  return {
    ...createResourceFinder(lookups, caller),
    async findObjects(ids) {
      const found: string[] = [];
      for (const id of ids) if (await files.hasObject(toPlace(id))) found.push(id);
      return found;
    },

    async requireImdsV2(id) {
      await callAws('ec2:ModifyImageAttribute', () =>
        ec2.send(new ModifyImageAttributeCommand({ ImageId: id, ImdsSupport: { Value: 'v2.0' } })),
      );
    },
    async tagImage(id, tags) {
      await callAws('ec2:CreateTags', () => ec2.send(new CreateTagsCommand({ Resources: [id], Tags: toTags(tags) })));
    },
    async untag(ids, key) {
      await callAws('ec2:DeleteTags', () =>
        ec2.send(new DeleteTagsCommand({ Resources: [...ids], Tags: [{ Key: key }] })),
      );
    },
    async terminateInstances(ids) {
      for (const id of ids) {
        // One call each: a single unknown id makes EC2 refuse the whole list.
        await remove('ec2:TerminateInstances', ['InvalidInstanceID.NotFound'], () =>
          ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] })),
        );
      }
    },
    async deregisterImage(id) {
      await remove('ec2:DeregisterImage', ['InvalidAMIID.NotFound', 'InvalidAMIID.Unavailable'], () =>
        ec2.send(new DeregisterImageCommand({ ImageId: id })),
      );
    },
    async deleteSnapshot(id) {
      await remove('ec2:DeleteSnapshot', ['InvalidSnapshot.NotFound'], () =>
        ec2.send(new DeleteSnapshotCommand({ SnapshotId: id })),
      );
    },
    async deleteVolume(id) {
      await remove('ec2:DeleteVolume', ['InvalidVolume.NotFound'], () =>
        ec2.send(new DeleteVolumeCommand({ VolumeId: id })),
      );
    },
    async deleteKeyPair(name) {
      await remove('ec2:DeleteKeyPair', ['InvalidKeyPair.NotFound'], () =>
        ec2.send(new DeleteKeyPairCommand({ KeyName: name })),
      );
    },
    async deleteSecurityGroup(id) {
      await remove('ec2:DeleteSecurityGroup', ['InvalidGroup.NotFound', 'InvalidGroupId.NotFound'], () =>
        ec2.send(new DeleteSecurityGroupCommand({ GroupId: id })),
      );
    },
    deleteObject: (id) => files.deleteObject(toPlace(id)),
  };
}

/** No bucket has a slash in its name. */
function toPlace(id: string) {
  const end = id.indexOf('/');
  return { bucket: id.slice(0, end), key: id.slice(end + 1) };
}

async function remove(action: string, goneCodes: readonly string[], call: () => Promise<unknown>): Promise<void> {
  await callAwsOrMiss(action, goneCodes, call);
}
