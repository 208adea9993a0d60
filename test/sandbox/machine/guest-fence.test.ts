// The fence over QEMU's end of its sockets: frames as a guest may send them, well-formed or not. That a real guest reaches what it
// should and nothing else is in test/e2e/machine.test.ts.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GUEST_FENCE, writeFenceRules } from '../../../src/sandbox/machine/guest-fence.js';

const PORT = 4587;
const [ROUTER, NAME_SERVER, METADATA] = ['172.31.0.1', '172.31.0.2', '169.254.169.254'];
const [SYN, ACK, RST, FIN] = [0x02, 0x10, 0x04, 0x01];

let folder: string;
let fence: ChildProcess;
let sent: Socket;
let passed: Socket;
let servers: readonly Server[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fence-'));
  const [sentEnd, passedEnd] = [listen('sent.sock'), listen('passed.sock')];
  writeFileSync(join(folder, 'fence.pl'), GUEST_FENCE);
  writeFileSync(join(folder, 'rules'), `port ${PORT}\nhost 192.0.2.7\n`);
  const args = ['fence.pl', 'sent.sock', 'passed.sock', 'rules', String(process.pid)];
  fence = spawn('perl', ['-w', ...args], { cwd: folder, stdio: 'inherit' });
  [sent, passed] = await Promise.all([sentEnd.client, passedEnd.client]);
  servers = [sentEnd.server, passedEnd.server];
});
afterEach(async () => {
  const ended = fence.exitCode === null ? new Promise((resolve) => fence.once('exit', resolve)) : undefined;
  sent.destroy();
  passed.destroy();
  await ended;
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

describe('the fence of a guest', () => {
  it.each<[string, Buffer]>([
    ['a question for an address of the link', frame(0x0806, Buffer.alloc(28))],
    ['a request to the sandbox', tcp(ROUTER, PORT, SYN)],
    ['a request to the metadata service', tcp(METADATA, 80, SYN)],
    ['a question to the name server', udp(NAME_SERVER, 53)],
    ['a long question to the name server', tcp(NAME_SERVER, 53, SYN)],
    ['a request for an address', udp('255.255.255.255', 67)],
    ['the renewal of an address', udp(ROUTER, 67)],
    ['a connection to the internet', tcp('151.101.2.132', 80, SYN)],
    ['a datagram to the internet', udp('9.9.9.9', 123)],
    ['an answer of its sshd', tcp(ROUTER, 50_123, SYN | ACK)],
    ['data of its sshd', tcp(ROUTER, 50_123, ACK)],
    ['the end of such a connection', tcp(ROUTER, 50_123, FIN | ACK)],
    ['the refusal of such a connection', tcp(ROUTER, 50_123, RST)],
    ['a ping of the router', ipv4({ to: ROUTER, protocol: 1, payload: Buffer.alloc(8) })],
    ['a part of a datagram to the internet', ipv4({ to: '9.9.9.9', protocol: 17, fragment: 0x2000 })],
    ['a request to the sandbox with IP options', tcp(ROUTER, PORT, SYN, 28)],
  ])('lets %s pass', async (_what, allowed) => {
    expect(await whatPasses([allowed])).toEqual([allowed]);
  });

  it.each<[string, Buffer]>([
    ['a connection to another port of the host', tcp(ROUTER, 5_432, SYN)],
    ['one with IP options, whose port lies elsewhere', tcp(ROUTER, 5_432, SYN, 28)],
    ['one with every other flag that opens a connection', tcp(ROUTER, 5_432, SYN | 0x08 | 0x40 | 0x80)],
    ['a datagram to the host', udp(ROUTER, 5_353)],
    ['a datagram to the port of the sandbox', udp(ROUTER, PORT)],
    ['a connection to port 67 of the host', tcp(ROUTER, 67, SYN)],
    ['a connection to the host by its loopback address', tcp('127.0.0.1', 5_432, SYN)],
    ['one to the sandbox by its loopback address', tcp('127.0.0.1', PORT, SYN)],
    ['one to an instance’s public address', tcp('127.16.0.2', 22, SYN)],
    ['one to the address zero, which is the host, too', tcp('0.0.0.0', 5_432, SYN)],
    ['one to everybody', tcp('255.255.255.255', 5_432, SYN)],
    ['a datagram to everybody', udp('255.255.255.255', 5_353)],
    ['a multicast', udp('224.0.0.251', 5_353)],
    ['another port of the name server', tcp(NAME_SERVER, 5_432, SYN)],
    ['another port of the metadata service', tcp(METADATA, 8_080, SYN)],
    ['another link-local address, such as a cloud’s credentials', tcp('169.254.170.2', 80, SYN)],
    ['another address of the VPC', tcp('172.31.0.3', 5_432, SYN)],
    ['an address of the host in its own network', tcp('192.0.2.7', 5_432, SYN)],
    ['an unknown protocol to the host', ipv4({ to: ROUTER, protocol: 47, payload: Buffer.alloc(40) })],
    ['the first part of a connection to the sandbox', tcp(ROUTER, PORT, SYN, 20, 0x2000)],
    ['a later part of a connection to the host', ipv4({ to: ROUTER, protocol: 6, fragment: 3 })],
    ['a ping of the host’s loopback', ipv4({ to: '127.0.0.1', protocol: 1, payload: Buffer.alloc(8) })],
    ['IPv6', frame(0x86dd, Buffer.alloc(60))],
    ['a tagged frame', frame(0x8100, Buffer.concat([Buffer.from([0, 1, 8, 0]), Buffer.alloc(40)]))],
    ['a connection that is cut off before its flags', tcp(ROUTER, PORT, SYN).subarray(0, 14 + 20 + 12)],
    ['a header that is cut off', frame(0x0800, Buffer.from([0x45, 0, 0, 20]))],
    ['a header that says to be shorter than it is', tcp(ROUTER, 5_432, SYN, 16)],
    ['a header of another version', versionSix(tcp(ROUTER, PORT, SYN))],
    ['an empty frame', Buffer.alloc(0)],
  ])('drops %s', async (_what, forbidden) => {
    expect(await whatPasses([forbidden])).toEqual([]);
  });

  it('keeps order and content of many frames, in whatever pieces they come', async () => {
    const frames = Array.from({ length: 400 }, (_, index) =>
      index % 3 === 0
        ? tcp(ROUTER, 5_432, SYN)
        : ipv4({ to: '9.9.9.9', protocol: 17, payload: Buffer.alloc(index, index) }),
    );

    expect(await whatPasses(frames, 777)).toEqual(frames.filter((_, index) => index % 3 !== 0));
  });

  it('follows the port of the sandbox, and lets nothing of the host be reached while there is none', async () => {
    const [former, next] = [tcp(ROUTER, PORT, SYN), tcp(ROUTER, 40_001, SYN)];
    const before = await whatPasses([former, next]);
    await writeFenceRules(folder, 40_001);
    writeFileSync(join(folder, 'rules'), readFileSync(join(folder, 'guest-network')));
    const moved = await whatPasses([former, next]);
    await writeFenceRules(folder, undefined);
    writeFileSync(join(folder, 'rules'), readFileSync(join(folder, 'guest-network')));
    const closed = await whatPasses([former, next]);
    rmSync(join(folder, 'rules'));
    const gone = await whatPasses([former, next]);

    expect({ before, moved, closed, gone }).toEqual({ before: [former], moved: [next], closed: [], gone: [] });
  });

  it('ends with QEMU', async () => {
    const ended = new Promise((resolve) => fence.once('exit', resolve));
    sent.destroy();

    expect(await ended).toBe(0);
  });
});

describe('writeFenceRules', () => {
  it('names the port of the sandbox and the addresses of the host', async () => {
    await writeFenceRules(folder, PORT);
    const rules = readFileSync(join(folder, 'guest-network'), 'utf8').trim().split('\n');

    const own = Object.values(networkInterfaces()).flatMap((each = []) =>
      each.filter(({ family }) => family === 'IPv4'),
    );
    expect(rules).toEqual([`port ${PORT}`, ...own.map(({ address }) => `host ${address}`)]);
  });
});

function listen(name: string): { readonly server: Server; readonly client: Promise<Socket> } {
  const server = createServer();
  const client = new Promise<Socket>((resolve) => server.once('connection', resolve));
  server.listen(join(folder, name));
  return { server, client };
}

const LAST = tcp('9.9.9.9', 9_999, SYN);

/** The frames that come out at the other end, sent in one piece or in pieces of some bytes. */
async function whatPasses(frames: readonly Buffer[], pieceBytes = Number.MAX_SAFE_INTEGER): Promise<readonly Buffer[]> {
  const stream = Buffer.concat([...frames, LAST].map(withLength));
  const received: Buffer[] = [];
  let bytes = Buffer.alloc(0);
  const done = new Promise<void>((resolve) => {
    const receive = (piece: Buffer): void => {
      bytes = Buffer.concat([bytes, piece]);
      while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE()) {
        const length = bytes.readUInt32BE();
        received.push(Buffer.from(bytes.subarray(4, 4 + length)));
        bytes = bytes.subarray(4 + length);
      }
      if (received.at(-1)?.equals(LAST) !== true) return;
      passed.off('data', receive);
      resolve();
    };
    passed.on('data', receive);
  });
  for (let at = 0; at < stream.length; at += pieceBytes) sent.write(stream.subarray(at, at + pieceBytes));
  await done;
  return received.slice(0, -1);
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function frame(type: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(14, 0x52);
  header.writeUInt16BE(type, 12);
  return Buffer.concat([header, payload]);
}

interface Packet {
  readonly to: string;
  readonly protocol: number;
  /** The two bytes of flags and offset. */
  readonly fragment?: number;
  readonly headerBytes?: number;
  readonly payload?: Buffer;
}

function ipv4({ to, protocol, fragment = 0, headerBytes = 20, payload = Buffer.alloc(40, 1) }: Packet): Buffer {
  const header = Buffer.alloc(Math.max(headerBytes, 20));
  header[0] = 0x40 | (headerBytes / 4);
  header.writeUInt16BE(header.length + payload.length, 2);
  header.writeUInt16BE(fragment, 6);
  header[9] = protocol;
  Buffer.from(to.split('.').map(Number)).copy(header, 16);
  return frame(0x0800, Buffer.concat([header, payload]));
}

function tcp(to: string, port: number, flags: number, headerBytes = 20, fragment = 0): Buffer {
  const segment = Buffer.alloc(20);
  segment.writeUInt16BE(22, 0);
  segment.writeUInt16BE(port, 2);
  segment[12] = 0x50;
  segment[13] = flags;
  return ipv4({ to, protocol: 6, headerBytes, fragment, payload: segment });
}

function udp(to: string, port: number): Buffer {
  const datagram = Buffer.alloc(16);
  datagram.writeUInt16BE(68, 0);
  datagram.writeUInt16BE(port, 2);
  return ipv4({ to, protocol: 17, payload: datagram });
}

function versionSix(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[14] = 0x65;
  return copy;
}
