import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MAKE_AGENT_PACKAGE } from '../support/made-packages.js';
import { createMachine, ROOTFS_TIMEOUT_MS, RUN_TIMEOUT_MS, type TestMachine } from './support/rootfs.js';

jest.setTimeout(RUN_TIMEOUT_MS);

const UNIT = 'amazon-ssm-agent.service';
// A package like the agent's, which comes through the test's own server.
const MAKE_PACKAGE = `cd /srv; ${MAKE_AGENT_PACKAGE}; sha256sum <agent.deb | cut -d' ' -f1; base64 -w0 agent.deb`;

let machine: TestMachine;
let server: Server;
let url: string;
let sha256: string;

beforeAll(async () => {
  await (await createMachine()).remove();
}, ROOTFS_TIMEOUT_MS);

beforeEach(async () => {
  machine = await createMachine();
  const [hash = '', base64 = ''] = (await machine.run(MAKE_PACKAGE)).stdout.split('\n');
  sha256 = hash;
  server = createServer((request, response) => {
    response.writeHead(request.url === '/amazon-ssm-agent.deb' ? 200 : 404);
    response.end(Buffer.from(base64, 'base64'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/amazon-ssm-agent.deb`;
});

afterEach(async () => {
  await new Promise<void>((resolve) => server.close(() => resolve()));
  await machine.remove();
});

describe('ssm-agent', () => {
  it('installs the package with the right checksum and enables it, and changes nothing the second time', async () => {
    const before = await machine.provision('ssm-agent/verify.sh');
    const first = await machine.provision('ssm-agent/apply.sh', { URL: url, SHA256: sha256 });
    const afterFirst = await machine.fingerprint();
    const second = await machine.provision('ssm-agent/apply.sh', { URL: url, SHA256: sha256 });
    const afterSecond = await machine.fingerprint();
    const { stdout } = await machine.run(`ls /etc/systemd/system/multi-user.target.wants/${UNIT}`);

    expect(before.stderr).toContain('FAIL  CLD-009  the SSM agent is not installed');
    expect(first).toMatchObject({ exitCode: 0 });
    expect(second).toMatchObject({ exitCode: 0, stdout: 'ssm-agent: all controls hold' });
    expect(afterSecond).toEqual(afterFirst);
    expect(stdout).toContain(UNIT);
  });

  it('refuses another file than the one that was asked for, and a url without a checksum', async () => {
    const other = await machine.provision('ssm-agent/apply.sh', { URL: url, SHA256: '0'.repeat(64) });
    const unknown = await machine.provision('ssm-agent/apply.sh', { URL: url });
    const nowhere = await machine.provision('ssm-agent/apply.sh');
    const { stdout } = await machine.run('dpkg -s amazon-ssm-agent 2>/dev/null | grep -c ^Status');

    expect(other.stderr).toContain(`has the checksum ${sha256}, not 000`);
    expect(unknown.stderr).toContain('sha256 must be given as well');
    expect(nowhere.stderr).toContain('give url and sha256');
    expect(stdout).toBe('0');
  });

  it('installs a package that was put into the image, and only the right one if a checksum is given', async () => {
    const other = await machine.provision('ssm-agent/apply.sh', { SOURCE: '/srv/agent.deb', SHA256: '0'.repeat(64) });
    const missing = await machine.provision('ssm-agent/apply.sh', { SOURCE: '/srv/other.deb' });
    const installed = await machine.provision('ssm-agent/apply.sh', { SOURCE: '/srv/agent.deb' });

    expect(other.stderr).toContain(`/srv/agent.deb has the checksum ${sha256}, not 000`);
    expect(missing.stderr).toContain('there is no /srv/other.deb');
    expect(installed).toMatchObject({ exitCode: 0 });
  });

  it('enables the snap of Ubuntu, also after it was masked', async () => {
    const snap = 'snap.amazon-ssm-agent.amazon-ssm-agent.service';
    await machine.run(
      `printf '[Service]\\nExecStart=/bin/true\\n[Install]\\nWantedBy=multi-user.target\\n' >/lib/systemd/system/${snap}; ln -s /dev/null /etc/systemd/system/${snap}`,
    );

    const before = await machine.provision('ssm-agent/verify.sh');
    const result = await machine.provision('ssm-agent/apply.sh');

    expect(before.stderr).toContain(`FAIL  CLD-009  ${snap} is masked`);
    expect(result).toMatchObject({ exitCode: 0 });
  });
});
