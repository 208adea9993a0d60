import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openSshTree } from '../../../src/scan/tree/tar/open-ssh-tree.js';
import { makeTempFolder, noSignal } from '../../support/scan-fixtures.js';

const work = makeTempFolder();
const remote = join(work, 'remote');

beforeAll(() => {
  mkdirSync(join(remote, 'etc'), { recursive: true });
  writeFileSync(join(remote, 'etc/shadow'), 'root:*:1::::::\n', { mode: 0o640 });
});
afterAll(() => rmSync(work, { recursive: true }));

/** A program that notes its arguments and then does `script`. */
function fakeSsh(name: string, script: string): string {
  const path = join(work, name);
  writeFileSync(path, `#!/bin/sh\nprintf '%s\\n' "$@" > '${path}.arguments'\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

const openAs = (sshProgram: string) => openSshTree('ssh://admin@host', { signal: noSignal(), sshProgram });

const openNever = (target: string, sshOptions: string[] = []) =>
  openSshTree(target, { signal: noSignal(), sshProgram: '/bin/false', sshOptions });

describe('openSshTree', () => {
  it('asks for one tar stream, without questions, and reads it', async () => {
    const sshProgram = fakeSsh('good', `tar -cf - -C '${remote}' .`);

    const tree = await openSshTree('ssh://admin@host.example:2222', {
      signal: noSignal(),
      sshProgram,
      sshOptions: ['IdentityFile=/k e/y'],
    });
    const shadow = tree.find('/etc/shadow');

    expect(shadow).toMatchObject({ type: 'file', mode: 0o640 });
    expect(shadow && (await tree.read(shadow, 100)).toString()).toBe('root:*:1::::::\n');
    const words = readFileSync(`${sshProgram}.arguments`, 'utf8').trimEnd().split('\n');
    expect(words.slice(0, 3)).toEqual(['-T', '-o', 'BatchMode=yes']);
    expect(words).toContain('IdentityFile=/k e/y');
    expect(words.slice(-7, -1)).toEqual(['-l', 'admin', '-p', '2222', '--', 'host.example']);
    expect(words.at(-1)).toContain('sudo -n tar --one-file-system --numeric-owner');
    await tree.close();
  });

  it('forwards nothing, whatever the configuration or an option says', async () => {
    const config = join(work, 'config');
    writeFileSync(
      config,
      'Host *\n  ForwardAgent yes\n  ForwardX11 yes\n  Tunnel yes\n  PermitLocalCommand yes\n  LocalForward 127.0.0.1:1 127.0.0.1:2\n  ControlMaster auto\n  User somebody\n',
    );
    const sshProgram = fakeSsh('explaining', `ssh -G -F '${config}' "$@" > '${config}.read'; exit 255`);
    const sshOptions = ['ForwardAgent=yes', 'RemoteForward=3 127.0.0.1:4', 'LocalCommand=true'];

    await expect(openSshTree('ssh://host', { signal: noSignal(), sshProgram, sshOptions })).rejects.toThrow();

    const words = readFileSync(`${config}.read`, 'utf8').split('\n');
    expect(words).toEqual(
      expect.arrayContaining([
        'clearallforwardings yes',
        'forwardagent no',
        'forwardx11 no',
        'tunnel false',
        'permitlocalcommand no',
        'controlmaster false',
        'user somebody',
      ]),
    );
  });

  it('turns what tar complains about into gaps', async () => {
    const complaint =
      'echo "tar: ./proc/: file is on a different filesystem; not dumped" >&2; echo "tar: ./boot/efi/: file is on a different filesystem; not dumped" >&2';
    const sshProgram = fakeSsh('complaining', `tar -cf - -C '${remote}' .; ${complaint}; exit 1`);

    const tree = await openSshTree('ssh://host', { signal: noSignal(), sshProgram });

    expect(tree.gaps).toEqual([{ path: '/boot/efi', reason: 'file is on a different filesystem; not dumped' }]);
    await tree.close();
  });

  it('says in the words of ssh why it failed', async () => {
    const refusing = fakeSsh('refusing', 'echo "admin@host: Permission denied (publickey)." >&2; exit 255');
    const dying = fakeSsh('dying', `tar -cf - -C '${remote}' . | head -c 700; echo "Connection closed" >&2; exit 255`);

    await expect(openAs(refusing)).rejects.toMatchObject({
      code: 'SCAN_SSH_FAILED',
      message: /Permission denied \(publickey\)/,
    });
    await expect(openAs(dying)).rejects.toMatchObject({ code: 'SCAN_SSH_FAILED', message: /Connection closed/ });
    await expect(openAs(join(work, 'none'))).rejects.toMatchObject({
      code: 'SCAN_SSH_FAILED',
      message: /not installed/,
    });
  });

  it('ends ssh when it is told to stop', async () => {
    const sshProgram = fakeSsh('hanging', 'exec sleep 60');
    const controller = new AbortController();
    const started = performance.now();

    const opening = openSshTree('ssh://host', { signal: controller.signal, sshProgram });
    setTimeout(() => controller.abort(new Error('enough')), 300);

    await expect(opening).rejects.toThrow('enough');
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('lets neither address nor option become something else', async () => {
    await expect(openNever('ssh://-oProxyCommand=id@host')).rejects.toMatchObject({ code: 'SCAN_SSH_ADDRESS' });
    await expect(openNever('ssh://host', ['-F/etc/evil'])).rejects.toMatchObject({ code: 'SCAN_SSH_ADDRESS' });
  });
});
