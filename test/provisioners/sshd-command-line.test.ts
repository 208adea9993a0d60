// An option on the command line of sshd wins over every file, so harden asks sshd with those that its units give it.
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createMachine, ROOTFS_TIMEOUT_MS, type TestMachine } from './support/rootfs.js';

jest.setTimeout(ROOTFS_TIMEOUT_MS);

const UNITS = '/etc/systemd/system';

interface Start {
  readonly what: string;
  readonly plant: string;
  readonly undo: string;
  /** How the check names it; undefined where nothing is to be found. */
  readonly start: string | undefined;
}

const STARTS: readonly Start[] = [
  { what: 'its files alone', plant: 'true', undo: 'true', start: undefined },
  {
    what: 'options of /etc/default/ssh',
    plant: `echo 'SSHD_OPTS="-o PermitRootLogin=yes -4"' >/etc/default/ssh`,
    undo: 'rm /etc/default/ssh',
    start: 'ssh.service starts sshd with -o PermitRootLogin=yes -4',
  },
  {
    what: 'another file, by a drop-in of the alias',
    plant: `mkdir ${UNITS}/sshd.service.d; echo PermitRootLogin yes >/etc/ssh/other
      printf '[Service]\\nExecStart=\\nExecStart=/usr/sbin/sshd -D \\\\\\n  -f /etc/ssh/other\\n' >${UNITS}/sshd.service.d/x.conf`,
    undo: `rm -r ${UNITS}/sshd.service.d`,
    start: 'ssh.service starts sshd with -f /etc/ssh/other',
  },
  {
    what: 'a second unit',
    plant: `printf '[Service]\\nExecStart=/usr/sbin/sshd -Dp 2222 -oPermitRootLogin=yes\\n' >${UNITS}/second.service`,
    undo: 'true',
    start: 'second.service starts sshd with -p 2222 -o PermitRootLogin=yes',
  },
  { what: 'a unit that is masked', plant: `ln -sf /dev/null ${UNITS}/second.service`, undo: 'true', start: undefined },
];

describe('harden asks sshd as it is started', () => {
  let machine: TestMachine;
  let answers: readonly string[];

  beforeAll(async () => {
    machine = await createMachine();
    const asked = STARTS.map(({ plant, undo }) => `(${plant}); bash $P/verify.sh 2>&1; printf '\\036'; (${undo})`);
    const { stdout } = await machine.run(`P=/tmp/buildimg-upload/provisioners/harden
      bash $P/apply.sh >/dev/null 2>&1; ${asked.join('\n')}`);
    answers = stdout.split('\u001e');
  }, ROOTFS_TIMEOUT_MS);

  afterAll(() => machine.remove());

  it.each(STARTS.map(({ what, start }, index) => [what, start, index] as const))('with %s', (_what, start, index) => {
    const expected =
      start === undefined ? 'harden: all controls hold' : `permitrootlogin is "yes" for root (${start}), not "no"`;

    expect(answers[index]).toContain(expected);
  });
});
