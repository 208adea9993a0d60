// The one thing asked of the guest's agent: a graceful reboot. https://www.qemu.org/docs/master/interop/qemu-ga-ref.html

import { connect } from 'node:net';

const ANSWER_LIMIT_MS = 3_000;

/** Resolves true when an agent listens and has been told; guest-shutdown has no answer, so nothing more can be known. */
export function requestGuestReboot(socketFile: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketFile);
    const finish = (isTold: boolean) => {
      socket.destroy();
      resolve(isTold);
    };
    socket.setTimeout(ANSWER_LIMIT_MS, () => finish(false));
    socket.once('error', () => finish(false));
    // The ping's answer tells a guest with an agent from one without: QEMU itself accepts the connection either way.
    socket.once('data', () => {
      socket.end(`${JSON.stringify({ execute: 'guest-shutdown', arguments: { mode: 'reboot' } })}\n`, () =>
        finish(true),
      );
    });
    socket.write(`${JSON.stringify({ execute: 'guest-ping' })}\n`);
  });
}
