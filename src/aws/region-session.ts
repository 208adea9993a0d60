// What all builds of a process that work in one region share: connections, lookups and the limiter.
import { EBSClient } from '@aws-sdk/client-ebs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { CallLimiter } from './call-limiter.js';
import { type AwsAccessOptions, clientSettings } from './client-settings.js';
import { type CommandLookups, createCommandLookups } from './command-lookups.js';
import { type AwsCaller, limitClient } from './limit-client.js';
import { AT_ONCE, type LookupTurns } from './lookup-turns.js';
import { createResourceLookups, type ResourceLookups } from './resource-lookups.js';
import { createSourceLookups, type SourceLookups } from './source-lookups.js';
import { callAws } from './translate-error.js';

export interface RegionClients {
  readonly ec2: EC2Client;
  readonly ssm: SSMClient;
  readonly ebs: EBSClient;
  readonly sts: STSClient;
}

export interface RegionLookups {
  readonly resources: ResourceLookups;
  readonly commands: CommandLookups;
  readonly sources: SourceLookups;
  /** Account of the credentials, 12 digits. */
  findAccount(): Promise<string>;
}

export interface RegionSession {
  readonly clients: RegionClients;
  readonly lookups: RegionLookups;
  /** Build that asks. */
  readonly caller: string;
  /** That of another region, for the same build. */
  inRegion(region: string): RegionSession;
  /** Closes idle connections, so that the process can end. */
  close(): void;
}

/** How several builds take turns. */
export interface Sharing {
  readonly limiter: CallLimiter;
  readonly createTurns: () => LookupTurns;
}

// A block is half a megabyte: a request that takes longer than this hangs (coldsnap issue 438), and asking again helps.
const BLOCK_TIMEOUTS = { connectionTimeout: 5000, requestTimeout: 15_000, throwOnRequestTimeout: true };

/** Opens the clients of one region; without `sharing` nobody waits for anybody. Makes no request. */
export function openRegionSession(options: AwsAccessOptions, sharing?: Sharing): RegionSession {
  const settings = clientSettings(options);
  const clients: RegionClients = {
    ec2: new EC2Client(settings),
    ssm: new SSMClient(settings),
    ebs: new EBSClient({ ...settings, requestHandler: BLOCK_TIMEOUTS }),
    sts: new STSClient(settings),
  };
  const nobody: AwsCaller = { name: 'lookups of all builds', signal: new AbortController().signal };
  const { ec2, ssm, sts } =
    sharing === undefined ? clients : limitClients(clients, { ...sharing, region: options.region, caller: nobody });
  const createTurns = sharing?.createTurns ?? (() => AT_ONCE);
  let account: Promise<string> | undefined;
  return {
    clients,
    lookups: {
      resources: createResourceLookups(ec2, createTurns),
      commands: createCommandLookups(ssm, createTurns),
      sources: createSourceLookups({ ec2, ssm }, createTurns),
      findAccount() {
        account ??= readAccount(sts).catch((error: unknown) => {
          account = undefined;
          throw error;
        });
        return account;
      },
    },
    caller: '',
    inRegion: (region) => openRegionSession({ ...options, region }, sharing),
    close() {
      for (const client of Object.values(clients) as readonly { destroy(): void }[]) client.destroy();
    },
  };
}

export interface SharedSessions {
  readonly limiter: CallLimiter;
  readonly caller: AwsCaller;
  /** The session of a region that all builds share. */
  readonly getSession: (region: string) => RegionSession;
}

/** A region's session as one build sees it: its calls are made in its name, and closing it closes nothing. */
export function shareSession(region: string, shared: SharedSessions): RegionSession {
  const session = shared.getSession(region);
  const { limiter, caller } = shared;
  return {
    ...session,
    clients: limitClients(session.clients, { limiter, region, caller }),
    caller: caller.name,
    inRegion: (other) => shareSession(other, shared),
    close: () => undefined,
  };
}

function limitClients({ ec2, ssm, ebs, sts }: RegionClients, scope: Parameters<typeof limitClient>[1]): RegionClients {
  return {
    ec2: limitClient(ec2, scope),
    ssm: limitClient(ssm, scope),
    // Snapshots have buckets of their own, and whoever reads one paces itself.
    ebs,
    sts: limitClient(sts, scope),
  };
}

async function readAccount(sts: STSClient): Promise<string> {
  const { Account = '' } = await callAws('sts:GetCallerIdentity', () => sts.send(new GetCallerIdentityCommand({})));
  return Account;
}
