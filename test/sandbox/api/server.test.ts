import { readFile, stat } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import {
  DescribeImagesCommand,
  DescribeInternetGatewaysCommand,
  DescribeRegionsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { clientOptions, startTestSandbox, type TestSandbox } from '../../support/a-sandbox.js';

let test: TestSandbox;
beforeAll(async () => {
  test = await startTestSandbox();
});
afterAll(() => test.sandbox.close());

describe('who may ask', () => {
  it('refuses a key that is not the sandbox’s', async () => {
    const credentials = { ...test.sandbox.credentials, accessKeyId: 'AKIAIOSFODNN7EXAMPLE' };
    const client = new EC2Client({ ...clientOptions(test.sandbox, 'us-east-1'), credentials });

    await expect(client.send(new DescribeRegionsCommand({}))).rejects.toMatchObject({ name: 'AuthFailure' });
  });

  it('refuses a wrong secret', async () => {
    const credentials = { ...test.sandbox.credentials, secretAccessKey: 'guessed' };
    const client = new EC2Client({ ...clientOptions(test.sandbox, 'us-east-1'), credentials });

    await expect(client.send(new DescribeRegionsCommand({}))).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
  });

  it('refuses an old signature', async () => {
    const systemClockOffset = -16 * 60_000;
    const client = new EC2Client({ ...clientOptions(test.sandbox, 'us-east-1'), systemClockOffset });

    await expect(client.send(new DescribeRegionsCommand({}))).rejects.toMatchObject({ name: 'RequestExpired' });
  });

  it('refuses a request without a signature', async () => {
    const response = await fetch(test.sandbox.endpoint, { method: 'POST', body: 'Action=DescribeRegions' });

    expect(response.status).toBe(403);
    expect(await response.text()).toContain('MissingAuthenticationToken');
  });

  it('refuses the control paths without the token', async () => {
    const response = await fetch(`${test.sandbox.endpoint}/_sandbox/status`);

    expect(response.status).toBe(403);
  });

  it('tells anybody that it is alive', async () => {
    const response = await fetch(`${test.sandbox.endpoint}/_sandbox/health`);

    expect(await response.json()).toEqual({ status: 'ok' });
  });

  it('keeps its secrets from other users of the machine', async () => {
    const files = ['credentials.json', 'world.json', 'tls/ca.key'];

    const modes = await Promise.all(
      files.map(async (file) => (await stat(join(test.sandbox.paths.stateDir, file))).mode & 0o777),
    );

    expect(modes).toEqual([0o600, 0o600, 0o600]);
  });
});

describe('errors on the wire', () => {
  it('names an action that it does not have', async () => {
    const client = new EC2Client(clientOptions(test.sandbox, 'us-east-1'));

    await expect(client.send(new DescribeInternetGatewaysCommand({}))).rejects.toMatchObject({
      name: 'InvalidAction',
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('sends every reply with a date and a request id', async () => {
    const response = await fetch(test.sandbox.endpoint, { method: 'POST', body: '' });

    expect(response.headers.get('date')).toMatch(/GMT$/);
    expect(response.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('the proxy', () => {
  it('answers for the hosts of AWS with a certificate of its own authority', async () => {
    const socket = await openTunnel('ec2.ap-southeast-2.amazonaws.com:443');

    const subject = await readCertificateNames(socket, 'ec2.ap-southeast-2.amazonaws.com');

    expect(subject).toBe('DNS:ec2.ap-southeast-2.amazonaws.com');
  });

  it('serves the API through the tunnel', async () => {
    const { https } = { https: await import('node:https') };
    const agent = new https.Agent();
    Object.assign(agent, {
      createConnection: (_options: object, done: (error: Error | null, socket?: unknown) => void) => {
        openTunnel('ec2.eu-west-1.amazonaws.com:443').then(
          async (socket) =>
            done(
              null,
              connectTls({
                socket,
                servername: 'ec2.eu-west-1.amazonaws.com',
                ca: await readFile(test.sandbox.caFile),
              }),
            ),
          (error: Error) => done(error),
        );
        return undefined;
      },
    });
    const { credentials } = test.sandbox;
    const client = new EC2Client({
      region: 'eu-west-1',
      credentials,
      maxAttempts: 1,
      requestHandler: { httpsAgent: agent } as never,
    });

    const { Images = [] } = await client.send(
      new DescribeImagesCommand({ Filters: [{ Name: 'name', Values: ['debian-12-*'] }] }),
    );

    expect(Images).toHaveLength(1);
  });

  it.each(['example.com:443', 'amazonaws.com.example.com:443', 'ec2.us-east-1.amazonaws.com:22', '127.0.0.1:22'])(
    'refuses %s',
    async (target) => {
      await expect(openTunnel(target)).rejects.toThrow('403');
    },
  );

  it('refuses to fetch plain HTTP for others', async () => {
    const status = await new Promise((resolve, reject) => {
      const { port } = new URL(test.sandbox.proxy);
      httpRequest({ host: '127.0.0.1', port, path: 'http://example.com/' }, (response) => resolve(response.statusCode))
        .once('error', reject)
        .end();
    });

    expect(status).toBe(403);
  });
});

function openTunnel(target: string): Promise<ReturnType<typeof connectTcp>> {
  const { port } = new URL(test.sandbox.proxy);
  return new Promise((resolve, reject) => {
    const socket = connectTcp(Number(port), '127.0.0.1', () =>
      socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`),
    );
    socket.once('error', reject);
    socket.once('data', (answer) => {
      const line = answer.toString().split('\r\n', 1)[0] ?? '';
      if (line.includes(' 200 ')) resolve(socket);
      else reject(new Error(line));
    });
  });
}

async function readCertificateNames(
  socket: ReturnType<typeof connectTcp>,
  servername: string,
): Promise<string | undefined> {
  const ca = await readFile(test.sandbox.caFile);
  return new Promise((resolve, reject) => {
    const tls = connectTls({ socket, servername, ca }, () => {
      resolve(tls.getPeerCertificate().subjectaltname);
      tls.destroy();
    });
    tls.once('error', reject);
  });
}
