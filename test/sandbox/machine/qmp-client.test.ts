import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { connectQmp } from '../../../src/sandbox/machine/qmp-client.js';
import { withTemporaryFolder } from '../../support/temporary-folder.js';

type Answer = (request: { readonly execute: string; readonly id: number }, socket: Socket) => void;

const GREETING = `${JSON.stringify({ QMP: { version: {}, capabilities: [] } })}\r\n`;

describe('connectQmp', () => {
  it('negotiates and returns what a command answers, also in pieces and out of order', async () => {
    await withQemu(
      ({ execute, id }, socket) => {
        if (execute === 'slow') {
          setTimeout(() => reply(socket, { id, return: 'slow answer' }), 50);
          return;
        }
        const text = `${JSON.stringify({ id, return: { command: execute } })}\r\n`;
        socket.write(text.slice(0, 9));
        setTimeout(() => socket.write(text.slice(9)), 5);
      },
      async (socketFile) => {
        const qmp = await connectQmp(socketFile);

        const answers = await Promise.all([qmp.execute('slow'), qmp.execute('query-status', { verbose: true })]);

        expect(answers).toEqual(['slow answer', { command: 'query-status' }]);
        qmp.close();
      },
    );
  });

  it('rejects a command that QEMU refuses with its words', async () => {
    await withQemu(
      ({ execute, id }, socket) =>
        reply(
          socket,
          execute === 'qmp_capabilities'
            ? { id, return: {} }
            : { id, error: { class: 'GenericError', desc: 'no such disk' } },
        ),
      async (socketFile) => {
        const qmp = await connectQmp(socketFile);

        const failure = qmp.execute('eject');

        await expect(failure).rejects.toMatchObject({
          code: 'SANDBOX_QMP_FAILED',
          message: 'QEMU did not carry out eject: no such disk',
        });
        qmp.close();
      },
    );
  });

  it('passes events on and leaves lines that are not JSON alone', async () => {
    await withQemu(
      ({ id }, socket) => {
        socket.write('not json\r\n');
        reply(socket, { event: 'SHUTDOWN', data: { guest: true } });
        reply(socket, { id, return: {} });
      },
      async (socketFile) => {
        const qmp = await connectQmp(socketFile);
        const events: unknown[] = [];
        qmp.onEvent((event) => events.push(event));

        await qmp.execute('query-status');

        expect(events).toEqual([{ event: 'SHUTDOWN', data: { guest: true } }]);
        qmp.close();
      },
    );
  });

  it('gives up on a command without an answer after its limit', async () => {
    await withQemu(
      ({ execute, id }, socket) => execute === 'qmp_capabilities' && reply(socket, { id, return: {} }),
      async (socketFile) => {
        const qmp = await connectQmp(socketFile, { timeoutMs: 100 });

        const failure = qmp.execute('query-status');

        await expect(failure).rejects.toThrow('no answer within 0.1 s');
        qmp.close();
      },
    );
  });

  it('rejects what is pending and reports the end when QEMU goes', async () => {
    await withQemu(
      ({ execute, id }, socket) =>
        execute === 'qmp_capabilities' ? reply(socket, { id, return: {} }) : socket.destroy(),
      async (socketFile) => {
        const qmp = await connectQmp(socketFile);
        const closed = new Promise<void>((resolve) => qmp.onClose(resolve));

        const failure = qmp.execute('quit');

        await expect(failure).rejects.toMatchObject({ code: 'SANDBOX_QMP_FAILED' });
        await closed;
        await expect(qmp.execute('query-status')).rejects.toThrow('the connection was closed');
      },
    );
  });

  it('rejects when nobody listens', async () => {
    await withTemporaryFolder(async (folder) => {
      const failure = connectQmp(join(folder, 'qmp.sock'));

      await expect(failure).rejects.toMatchObject({ code: 'SANDBOX_QMP_FAILED' });
    });
  });
});

function reply(socket: Socket, message: unknown): void {
  socket.write(`${JSON.stringify(message)}\r\n`);
}

async function withQemu(answer: Answer, use: (socketFile: string) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const socketFile = join(folder, 'qmp.sock');
    const server: Server = createServer((socket) => {
      socket.write(GREETING);
      socket.on('data', (bytes) => {
        for (const line of bytes.toString().trim().split('\n')) answer(JSON.parse(line), socket);
      });
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(socketFile, resolve));
    try {
      await use(socketFile);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });
}
