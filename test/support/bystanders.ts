// What stands in the account beside a build and is somebody else's, with names as near as can be to what a build makes.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateImageCommand,
  CreateKeyPairCommand,
  CreateSecurityGroupCommand,
  DeleteKeyPairCommand,
  DeleteSecurityGroupCommand,
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  type EC2Client,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { DeleteParameterCommand, PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { RunningSandbox } from '../../src/sandbox/sandbox.js';

export interface Bystanders {
  readonly keyName: string;
  readonly groupName: string;
  readonly groupId: string;
  readonly instanceId: string;
  readonly imageId: string;
  /** What the sandbox knows of them that is not as it was; empty when nobody has touched any. */
  listTouched(): readonly string[];
  /** Removes them all but for their instances, which the sandbox ends by itself. */
  remove(): Promise<void>;
  /** By its id, or its name. */
  isBystander(id: string): boolean;
}

export interface BystanderScope {
  readonly ec2: EC2Client;
  readonly ssm: SSMClient;
  readonly sandbox: RunningSandbox;
  readonly sourceAmi: string;
}

const KEY_NAME = 'packer_6b0db1a5-f6fe-7d95-f7d1-cd098051afa2';
const OTHER_RUN = 'r-20260102t030405-1a2b3c4d';
const OTHER_RUN_KEY = `packer_${OTHER_RUN}`;
const PARAMETER = '/acme/web-2';
const GROUP_NAME = 'packer_6b0db1a5-6600-cc3f-85d2-cde21fdbaa6f';

/** A machine of somebody's own packer, one of another run of buildimg, their key, group, image and parameter. */
export async function addBystanders({ ec2, ssm, sandbox, sourceAmi }: BystanderScope): Promise<Bystanders> {
  const before = new Set(rowsOf(sandbox).map(({ id }) => id));
  await ec2.send(new CreateKeyPairCommand({ KeyName: KEY_NAME }));
  await ec2.send(new CreateKeyPairCommand({ KeyName: OTHER_RUN_KEY }));
  const { GroupId: groupId = '' } = await ec2.send(
    new CreateSecurityGroupCommand({ GroupName: GROUP_NAME, Description: 'Temporary group for Packer' }),
  );
  const instanceId = await launch({ KeyName: KEY_NAME, SecurityGroupIds: [groupId] }, { Name: 'buildimg web' });
  await launch({}, { 'buildimg:image': 'web', 'buildimg:run': OTHER_RUN });
  const { ImageId: imageId = '' } = await ec2.send(
    new CreateImageCommand({ InstanceId: instanceId, Name: 'web-x86_64-1.4.0-00000000' }),
  );
  await ssm.send(new PutParameterCommand({ Name: PARAMETER, Value: imageId, Type: 'String' }));
  const listNew = () => rowsOf(sandbox).filter(({ id }) => !before.has(id));
  while (listNew().some(({ state }) => state === 'pending')) await sleep(20);
  const rows = listNew();
  return {
    keyName: KEY_NAME,
    groupName: GROUP_NAME,
    groupId,
    instanceId,
    imageId,
    listTouched() {
      const now = new Map(rowsOf(sandbox).map((row) => [row.id, JSON.stringify(row)]));
      return rows.filter((row) => now.get(row.id) !== JSON.stringify(row)).map(({ id }) => id);
    },
    async remove() {
      await ec2.send(new DeregisterImageCommand({ ImageId: imageId }));
      for (const { id } of rows.filter((row) => row.id.startsWith('snap-'))) {
        await ec2.send(new DeleteSnapshotCommand({ SnapshotId: id }));
      }
      for (const name of [KEY_NAME, OTHER_RUN_KEY]) await ec2.send(new DeleteKeyPairCommand({ KeyName: name }));
      await ec2.send(new DeleteSecurityGroupCommand({ GroupId: groupId }));
      await ssm.send(new DeleteParameterCommand({ Name: PARAMETER }));
    },
    isBystander: (id) => rows.some((row) => row.id === id || row.name === id),
  };

  async function launch(place: object, tags: Readonly<Record<string, string>>): Promise<string> {
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    const order = { ImageId: sourceAmi, MinCount: 1, MaxCount: 1, ...place };
    const { Instances = [] } = await ec2.send(
      new RunInstancesCommand({ ...order, TagSpecifications: [{ ResourceType: 'instance', Tags }] }),
    );
    return Instances[0]?.InstanceId ?? '';
  }
}

const TABLES = ['instances', 'keyPairs', 'securityGroups', 'images', 'snapshots', 'volumes', 'parameters'];

type Row = { readonly id: string; readonly name?: string; readonly state?: string };

function rowsOf({ paths }: RunningSandbox): readonly Row[] {
  const world = JSON.parse(readFileSync(paths.worldFile, 'utf8')) as Readonly<Record<string, readonly Row[]>>;
  return TABLES.flatMap((table) => world[table] ?? []);
}
