import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { startImdsServer } from '../../../src/sandbox/imds/imds-server.js';
import type { InstanceMetadata } from '../../../src/sandbox/machine/instance-driver.js';
import { someMetadata } from '../../support/a-launch-request.js';
import { withTemporaryFolder } from '../../support/temporary-folder.js';

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

interface Service {
  readonly send: (method: string, path: string, headers?: Record<string, string>) => Promise<Reply>;
  /** Reads with a fresh token. */
  readonly read: (path: string) => Promise<Reply>;
  readonly sleep: (seconds: number) => void;
}

const TOKEN_PATH = '/latest/api/token';
const TTL = 'X-aws-ec2-metadata-token-ttl-seconds';
const TOKEN = 'X-aws-ec2-metadata-token';

describe('startImdsServer', () => {
  it('answers 401 without a token and with one that it never gave', async () => {
    await withService({}, async ({ send }) => {
      const replies = [
        await send('GET', '/latest/meta-data/ami-id'),
        await send('GET', '/latest/meta-data/ami-id', { [TOKEN]: 'made-up' }),
      ];

      expect(replies.map(({ status }) => status)).toEqual([401, 401]);
      expect(replies[0]?.headers.server).toBe('EC2ws');
    });
  });

  it('gives a token for the lifetime that was asked for, and not longer', async () => {
    await withService({}, async ({ send, sleep }) => {
      const token = await send('PUT', TOKEN_PATH, { [TTL]: '60' });
      sleep(59);
      const before = await send('GET', '/latest/meta-data/instance-id', { [TOKEN]: token.text });
      sleep(1);
      const after = await send('GET', '/latest/meta-data/instance-id', { [TOKEN]: token.text });

      expect(token).toMatchObject({ status: 200, headers: { [TTL.toLowerCase()]: '60' } });
      expect(before).toMatchObject({ status: 200, text: 'i-0123456789abcdef0', headers: { [TTL.toLowerCase()]: '1' } });
      expect(after.status).toBe(401);
    });
  });

  it.each(['0', '21601', '-1', '1.5', 'abc', ''])('refuses the token lifetime "%s"', async (ttl) => {
    await withService({}, async ({ send }) => {
      const reply = await send('PUT', TOKEN_PATH, { [TTL]: ttl });

      expect(reply.status).toBe(400);
    });
  });

  it('gives no token to a request that came through a proxy', async () => {
    await withService({}, async ({ send }) => {
      const reply = await send('PUT', TOKEN_PATH, { [TTL]: '60', 'X-Forwarded-For': '192.0.2.1' });

      expect(reply.status).toBe(403);
    });
  });

  it('refuses everything when the launch has turned it off', async () => {
    await withService({ isTurnedOff: true }, async ({ send }) => {
      const token = await send('PUT', TOKEN_PATH, { [TTL]: '60' });
      const version1 = await send('GET', '/latest/meta-data/instance-id');

      expect([token.status, version1.status]).toEqual([403, 403]);
    });
  });

  it('names versions, folders and leaves as EC2 does', async () => {
    await withService({ publicKey: 'ssh-ed25519 AAAA me', keyName: 'mine' }, async ({ read }) => {
      const mac = '/latest/meta-data/network/interfaces/macs/0a:ff:00:00:00:07';

      expect((await read('/')).text.split('\n')).toContain('2021-03-23');
      expect((await read('/latest/')).text).toBe('dynamic\nmeta-data');
      expect((await read('/latest/meta-data/')).text.split('\n')).toEqual(
        expect.arrayContaining(['ami-id', 'network/', 'placement/', 'public-keys/']),
      );
      expect((await read('/latest/meta-data/public-keys/')).text).toBe('0=mine');
      expect((await read('/2021-03-23/meta-data/public-keys/0/openssh-key')).text).toBe('ssh-ed25519 AAAA me');
      expect((await read('/latest/meta-data/placement/region')).text).toBe('eu-central-1');
      expect((await read('/latest/meta-data/local-hostname')).text).toBe('ip-172-31-5-7.eu-central-1.compute.internal');
      expect((await read('/latest/meta-data/security-groups')).text).toBe('default\nweb');
      expect((await read(`${mac}/local-ipv4s`)).text).toBe('172.31.5.7');
      expect((await read(`${mac}/ipv4-associations/127.199.0.7`)).text).toBe('172.31.5.7');
    });
  });

  it('has an identity document', async () => {
    await withService({}, async ({ read }) => {
      const reply = await read('/latest/dynamic/instance-identity/document');

      expect(JSON.parse(reply.text)).toMatchObject({
        accountId: '123456789012',
        imageId: 'ami-0123456789abcdef0',
        region: 'eu-central-1',
        pendingTime: '2026-11-22T09:00:00Z',
      });
    });
  });

  it('answers 404 for what an instance has not', async () => {
    await withService({}, async ({ read }) => {
      const paths = ['user-data', 'meta-data/public-keys/', 'meta-data/iam/info', 'meta-data/nothing', 'meta-data/ami'];
      const replies = await Promise.all(paths.map((path) => read(`/latest/${path}`)));

      expect(replies.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
      expect((await read('/1999-01-01/meta-data/')).status).toBe(404);
    });
  });

  it('gives user data as it is and lists it then', async () => {
    await withService({ userData: '#!/bin/sh\necho "ü $(date)"\n' }, async ({ read }) => {
      expect((await read('/latest/user-data')).text).toBe('#!/bin/sh\necho "ü $(date)"\n');
      expect((await read('/latest')).text.split('\n')).toContain('user-data');
    });
  });

  it('takes the place of a server that left its socket behind', async () => {
    await withTemporaryFolder(async (folder) => {
      const options = { socketFile: join(folder, 'imds.sock'), metadata: someMetadata(), now: () => 0 };
      const first = await startImdsServer(options);
      const second = await startImdsServer(options);

      const reply = await sendTo(options.socketFile, 'PUT', TOKEN_PATH, { [TTL]: '60' });

      expect(reply.status).toBe(200);
      await first.close();
      await second.close();
    });
  });
});

async function withService(
  changes: Partial<InstanceMetadata>,
  use: (service: Service) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    let now = 1_700_000_000_000;
    const socketFile = join(folder, 'imds.sock');
    const server = await startImdsServer({ socketFile, metadata: someMetadata(changes), now: () => now });
    const send: Service['send'] = (method, path, headers = {}) => sendTo(socketFile, method, path, headers);
    const read: Service['read'] = async (path) => {
      const token = await send('PUT', TOKEN_PATH, { [TTL]: '21600' });
      return send('GET', path, { [TOKEN]: token.text });
    };
    try {
      await use({ send, read, sleep: (seconds) => (now += seconds * 1_000) });
    } finally {
      await server.close();
    }
  });
}

function sendTo(socketPath: string, method: string, path: string, headers: Record<string, string>): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(chunks).toString(),
          headers: response.headers,
        }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}
