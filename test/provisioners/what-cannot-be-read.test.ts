// A verify says that all is well only of what it has seen: whatever stands in the way of looking is a failure.
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createMachine, quote, ROOTFS_TIMEOUT_MS, type RunResult, type TestMachine } from './support/rootfs.js';

jest.setTimeout(ROOTFS_TIMEOUT_MS);

const SCRIPTS = '/tmp/buildimg-upload/provisioners';

interface Obstacle {
  readonly what: string;
  /** The provisioner whose verify is asked, with its options. */
  readonly verify: string;
  readonly damage: string;
  readonly undo: string;
  /** A part of what it says. */
  readonly says: string;
}

function fake(what: string, verify: string, says: string, [command, script]: readonly [string, string]): Obstacle {
  const path = `/usr/local/sbin/${command}`;
  const damage = `printf '%s\\n' '#!/bin/bash' ${quote(script)} >${path}; chmod 755 ${path}`;
  return { what, verify, says, damage, undo: `rm ${path}` };
}

function override(what: string, exec: string, says: string): Obstacle {
  const file = '/etc/systemd/system/ssh.service.d/x.conf';
  const damage = `mkdir -p ${dirname(file)}; printf '%s\\n' '[Service]' ExecStart= ${quote(exec)} >${file}`;
  return {
    what,
    verify: 'seal',
    says,
    damage,
    undo: `rm ${file}`,
  };
}

const OBSTACLES: readonly Obstacle[] = [
  {
    what: 'passwords that are no file',
    verify: 'seal',
    damage: 'mv /etc/shadow /etc/x; mkdir /etc/shadow',
    undo: 'rmdir /etc/shadow; mv /etc/x /etc/shadow',
    says: 'FAIL  ACC-002  could not be looked at: cut: ',
  },
  fake('a find that fails without a word', 'seal', 'find ended with status 1', ['find', 'exit 1']),
  fake('a grep that fails', 'seal', 'FAIL  SEAL-010  could not be looked at: grep: broken', [
    'grep',
    'case " $* " in *HWADDR*) echo "grep: broken" >&2; exit 2;; *) exec /usr/bin/grep "$@";; esac',
  ]),
  fake('an sshd that says nothing', 'seal', 'FAIL  SSH-010  sshd could not be asked', ['sshd', 'exit 0']),
  fake('an sshd that fails', 'seal', 'broken', ['sshd', 'echo broken >&2; exit 255']),
  fake('an sshd in words that nobody knows', 'seal', 'without a line for "permitrootlogin"', [
    'sshd',
    'echo Port 22; echo Permit-Root-Login no',
  ]),
  {
    what: 'a configuration that sshd refuses',
    verify: 'seal',
    damage: 'echo Nonsense yes >/etc/ssh/sshd_config.d/x.conf',
    undo: 'rm /etc/ssh/sshd_config.d/x.conf',
    says: 'Bad configuration option: Nonsense',
  },
  override(
    'an sshd that a shell starts',
    "ExecStart=/bin/sh -c 'exec /usr/sbin/sshd -D'",
    'how sshd is started cannot be told',
  ),
  override('a quote that is not closed', 'ExecStart=/usr/sbin/sshd -D -o "X', 'how sshd is started cannot be told'),
  {
    what: 'a sudo without visudo',
    verify: 'harden',
    damage: 'mv /usr/sbin/visudo /usr/sbin/x',
    undo: 'mv /usr/sbin/x /usr/sbin/visudo',
    says: 'FAIL  ACC-009  sudo refuses its configuration',
  },
  {
    what: 'kernel settings that are no file',
    verify: 'harden',
    damage: 'mkdir /etc/sysctl.d/99-z.conf',
    undo: 'rmdir /etc/sysctl.d/99-z.conf',
    says: 'FAIL  KRN-001  could not be looked at: cat: /etc/sysctl.d/99-z.conf',
  },
  {
    what: 'a list of sources that is a link to itself',
    verify: 'harden',
    damage: 'ln -s x.list /etc/apt/sources.list.d/x.list',
    undo: 'rm /etc/apt/sources.list.d/x.list',
    says: 'FAIL  OS-006  could not be looked at: grep: ',
  },
  fake('a package database that does not answer', 'packages REMOVE=telnetd', 'the package database cannot be read', [
    'dpkg-query',
    'exit 2',
  ]),
  fake('accounts that cannot be read', 'users REMOVE=eve', 'FAIL  USR-002  could not be looked at', [
    'awk',
    'echo "awk: broken" >&2; exit 2',
  ]),
  {
    what: 'package lists that nobody fetched',
    verify: 'update',
    damage: 'rm -rf /var/lib/apt/lists/*',
    undo: 'true',
    says: 'FAIL  OS-002  could not be looked at: there are no package lists',
  },
  fake('hooks whose owners cannot be asked for', 'first-boot', 'FAIL  FB-002  could not be looked at', [
    'find',
    'exit 1',
  ]),
  fake(
    'sources of time that cannot be listed',
    'time-sync KEEP_OTHER_SOURCES=false',
    'FAIL  NET-003  could not be looked at',
    ['awk', 'exit 2'],
  ),
];

/** Asks in the state that was made first, so that nothing but the obstacle can be the reason. */
const PREPARE = `
bash $P/harden/apply.sh; BUILDIMG_KEEP_OTHER_SOURCES=false bash $P/time-sync/apply.sh
bash $P/first-boot/apply.sh; install -m 755 /bin/true /usr/lib/buildimg/first-boot.d/hook
mkdir -p /run/work; cp -R $P /run/work/; P=/run/work/provisioners
bash $P/seal/apply.sh`;

function ask({ verify, damage, undo }: Obstacle): string {
  const [name, ...options] = verify.split(' ');
  return `(${damage}); printf '\\036'; ${options.map((option) => `BUILDIMG_${option}`).join(' ')} bash $P/${name}/verify.sh 2>&1
    printf '\\nstatus %s' $?; (${undo})`;
}

describe('what stands in the way of a verify', () => {
  let machine: TestMachine;
  let prepared: RunResult;
  let answers: readonly string[];

  beforeAll(async () => {
    machine = await createMachine();
    prepared = await machine.run(`P=${SCRIPTS}; { ${PREPARE}
      } >/run/log 2>&1; tail -n 3 /run/log
      ${OBSTACLES.map(ask).join('\n')}`);
    answers = prepared.stdout.split('\u001e');
  }, ROOTFS_TIMEOUT_MS);

  afterAll(() => machine.remove());

  it('is alone the reason: all is well before', () => {
    expect(answers[0]).toContain('seal: all controls hold');
    expect(answers).toHaveLength(OBSTACLES.length + 1);
  });

  it.each(OBSTACLES.map((obstacle, index) => [obstacle.what, obstacle.says, index + 1] as const))(
    'fails it, and is named: %s',
    (_what, says, index) => {
      expect(answers[index]).toContain('\nstatus 1');
      expect(answers[index]).not.toContain('all controls hold');
      expect(answers[index]).toContain(says);
    },
  );
});
