// An option on the command line of sshd wins over its files; where the command line cannot be told, no check is decided.
import { describe, expect, it } from '@jest/globals';
import { scanTree } from '../../../src/scan/scan-tree.js';
import { aMemoryTree } from '../../support/memory-tree.js';
import { NOW } from './fixtures/common.js';
import { distributions } from './fixtures/distributions.js';

const DROP_IN = '/etc/systemd/system/ssh.service.d/override.conf';

async function scanDebian(files: Readonly<Record<string, string>>) {
  const tree = aMemoryTree({ ...distributions['debian-12'], ...files });
  const { findings, notEvaluated, gaps } = await scanTree(tree, { policy: 'marketplace', now: NOW });
  const undecided = notEvaluated.filter(({ check }) => check === 'SSH-001' || check === 'SSH-009');
  return { gaps, undecided, access: findings.filter(({ check }) => /^SSH-00[1-4]$/.test(check)) };
}

describe('what sshd is started with', () => {
  it.each([
    ['a program of its own', 'ExecStart=/usr/local/sbin/start-sshd', 'sshd is started by /usr/local/sbin/start-sshd'],
    ['a shell', "ExecStart=/bin/sh -c 'exec /usr/sbin/sshd -D'", 'sshd is started by /bin/sh'],
    ['a quote that is not closed', 'ExecStart=/usr/sbin/sshd -o "PermitRootLogin=no', 'a quote is not closed'],
    ['a file that is not there', 'ExecStart=/usr/sbin/sshd -D -f /etc/ssh/gone', 'which is not there'],
  ])('is undecided by %s, and a gap', async (_what, line, reason) => {
    const { gaps, undecided } = await scanDebian({ [DROP_IN]: `[Service]\nExecStart=\n${line}\n` });

    expect(gaps).toEqual([expect.objectContaining({ reason: expect.stringContaining(reason) })]);
    expect(undecided.map(({ check }) => check)).toEqual(['SSH-001', 'SSH-009']);
  });

  it('leaves a gap for a unit that starts another sshd', async () => {
    const path = '/etc/systemd/system/back-door.service';

    const { gaps } = await scanDebian({ [path]: '[Service]\nExecStart=/usr/sbin/sshd -D -p 2222\n' });

    expect(gaps).toEqual([{ path, reason: expect.stringContaining('starts an sshd of its own') }]);
  });

  it.each([
    ['what is commented out', { '/etc/default/ssh': '#SSHD_OPTS="-o PasswordAuthentication=yes"\n' }],
    ['a variable that the unit does not pass', { '/etc/default/ssh': 'OTHER="-o PasswordAuthentication=yes"\n' }],
    ['how it runs', { '/etc/default/ssh': 'SSHD_OPTS="-4 -e -E /var/log/x"\n' }],
    ['a section that is not about the process', { [DROP_IN]: '[Install]\nExecStart=/usr/sbin/sshd -f /gone\n' }],
  ])('does not count %s', async (_what, files) => {
    expect(await scanDebian(files)).toEqual({ gaps: [], undecided: [], access: [] });
  });
});
