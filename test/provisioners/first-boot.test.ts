import { readFileSync } from 'node:fs';
import { describe, expect, it, jest } from '@jest/globals';
import { useLaunch } from './support/launch.js';
import { quote, RUN_TIMEOUT_MS, type RunResult } from './support/rootfs.js';

jest.setTimeout(RUN_TIMEOUT_MS);

const APP = `printf '[Service]\\nExecStart=/bin/true\\n[Install]\\nWantedBy=multi-user.target\\n' >/etc/systemd/system/app.service`;
const HOOKS = '/usr/lib/buildimg/first-boot.d';
// Says what a hook can see, so that a password in a wrong place shows.
const HOOK = `mkdir -p ${HOOKS}
cat >${HOOKS}/50-app <<'SCRIPT'
#!/bin/bash
cat >/var/lib/app-password
printf '%s %s\\n' "$BUILDIMG_USER" "$BUILDIMG_INSTANCE_ID" >>/var/lib/app-calls
{ env; tr '\\0' ' ' </proc/$PPID/cmdline; tr '\\0' '\\n' </proc/$PPID/environ; } >/var/lib/app-sees
SCRIPT
chmod 755 ${HOOKS}/50-app`;
const FIRST = 'i-0123456789abcdef0';
const SECOND = 'i-0fedcba9876543210';

const launch = useLaunch({
  script: 'first-boot',
  metadata: { 'instance-id': FIRST, 'placement/region': 'eu-west-1' },
});
const { boot, read } = launch;

async function install(options: Readonly<Record<string, string>> = {}): Promise<RunResult> {
  await launch.machine.run(`${APP}; ${HOOK}`);
  return launch.machine.provision('first-boot/apply.sh', { SERVICES: 'app.service', ...options });
}

/** The command that puts a hook of examples/postgresql where a build of it does. */
function putHook(name: string): string {
  const content = quote(readFileSync(`examples/postgresql/hooks/${name}`, 'utf8'));
  return `printf %s ${content} >${HOOKS}/${name}; chmod 755 ${HOOKS}/${name}`;
}

// The real one, from the distribution's mirror.
async function prepareDatabase(): Promise<void> {
  const prepared = await launch.machine.run(`export DEBIAN_FRONTEND=noninteractive
    apt-get -q update && apt-get -q -y install --no-install-recommends postgresql && pg_ctlcluster 15 main stop
    ${putHook('50-postgresql')}`);
  expect(prepared).toMatchObject({ exitCode: 0 });
}

describe('first-boot', () => {
  it('goes from red to green, changes nothing the second time, and makes nothing during the build', async () => {
    await launch.machine.run(`${APP}; ${HOOK}`);

    const before = await launch.machine.provision('first-boot/verify.sh', { SERVICES: 'app.service' });
    const first = await install();
    const afterFirst = await launch.machine.fingerprint();
    const second = await install();
    const afterSecond = await launch.machine.fingerprint();
    const { stdout } = await launch.machine.run('ls /var/lib/buildimg /root/initial-credentials 2>/dev/null');

    expect(before.exitCode).toBe(1);
    expect(before.stderr).toContain('FAIL  FB-001  app.service would start without buildimg-first-boot.service');
    expect(first).toMatchObject({ exitCode: 0, stderr: '' });
    expect(second).toMatchObject({ exitCode: 0, stdout: 'first-boot: all controls hold' });
    expect(afterSecond).toEqual(afterFirst);
    expect(stdout).toBe('');
  });

  it('installs a unit that systemd accepts, without a cycle, and that the services require', async () => {
    await install({ SERVICES: 'app.service\nssh.service' });

    const verified = await launch.machine.run(
      'cd /etc/systemd/system && systemd-analyze verify app.service buildimg-first-boot.service 2>&1; true',
    );
    const links = await launch.machine.run('cd /etc/systemd/system && ls -d *.wants/buildimg-* *.requires/buildimg-*');
    const unit = await read('/etc/systemd/system/buildimg-first-boot.service');

    expect(verified.stdout).not.toMatch(/cycle|buildimg-first-boot|app\.service/);
    expect(links.stdout.split('\n')).toEqual([
      'app.service.requires/buildimg-first-boot.service',
      'multi-user.target.wants/buildimg-first-boot.service',
      'ssh.service.requires/buildimg-first-boot.service',
    ]);
    expect(unit).toContain('Before=app.service ssh.service\n');
  });

  it('drops the links to services that are no longer asked for', async () => {
    await install({ SERVICES: 'app.service\nssh.service' });

    await install();
    const { stdout } = await launch.machine.run(
      'ls -d /etc/systemd/system/ssh.service.requires/buildimg-* 2>/dev/null',
    );

    expect(stdout).toBe('');
  });

  it('makes a password that the hook gets on stdin and nowhere else, and that only root can read', async () => {
    await install();

    const booted = await boot(FIRST);
    const file = await read('/root/initial-credentials');
    const { stdout: modes } = await launch.machine.run(
      'stat -c "%a %U" /root/initial-credentials /var/lib/buildimg/first-boot',
    );
    const password = await read('/var/lib/app-password');

    expect(booted).toMatchObject({ exitCode: 0, stderr: '' });
    expect(password).toMatch(/^[A-Za-z0-9]{24}$/);
    expect(file).toBe(`user=admin\npassword=${password}`);
    expect(modes).toBe('400 root\n700 root');
    expect(await read('/var/lib/app-calls')).toBe(`admin ${FIRST}`);
    expect(await read('/var/lib/app-sees')).toContain(`BUILDIMG_INSTANCE_ID=${FIRST}`);
    expect(await read('/var/lib/app-sees')).not.toContain(password);
    expect(booted.stdout).not.toContain(password);
  });

  it('does nothing on the next boot of the same instance, and makes new credentials on a clone', async () => {
    await install();
    await boot(FIRST);
    const first = await read('/var/lib/app-password');

    const again = await boot(FIRST);
    const kept = await read('/var/lib/app-password');
    await boot(SECOND);
    const rotated = await read('/root/initial-credentials');

    expect(again.stdout).toContain('nothing to do');
    expect(kept).toBe(first);
    expect(rotated).toMatch(/password=[A-Za-z0-9]{24}$/);
    expect(rotated).not.toContain(first);
    expect(await read('/var/lib/app-calls')).toBe(`admin ${FIRST}\nadmin ${SECOND}`);
  });

  it.each([
    ['if-initial', '', 2],
    ['if-initial', 'rm /root/initial-credentials', 1],
    ['lineage', '', 1],
    ['instance', 'rm /root/initial-credentials', 2],
  ])('with rotate %s after "%s", has run the hook %d times when a clone is up', async (rotate, between, calls) => {
    await install({ ROTATE: rotate });
    await boot(FIRST);
    await launch.machine.run(between || 'true');

    const clone = await boot(SECOND);

    expect(clone).toMatchObject({ exitCode: 0 });
    expect((await read('/var/lib/app-calls')).split('\n')).toHaveLength(calls);
  });

  it('lets a clone of a clone rotate by `if-initial` for other strategies too, until the owner says no', async () => {
    await install({ ROTATE: 'if-initial', STRATEGY: 'instance-id' });
    await boot(FIRST);
    await boot(SECOND);
    await launch.machine.run('rm /var/lib/buildimg/first-boot/initial');

    await boot('i-00000000000000003');

    expect(await read('/var/lib/app-password')).toBe(SECOND);
  });

  it.each([
    ['gives no token', 'gives no token', () => launch.imds.setEnabled(false)],
    ['names no instance', 'names no instance', () => launch.imds.metadata.set('instance-id', '')],
    ['names something else', 'names no instance', () => launch.imds.metadata.set('instance-id', 'i-../../etc')],
  ])('fails closed when the metadata service %s', async (_, message, spoil) => {
    await install();
    launch.imds.metadata.set('instance-id', FIRST);
    spoil();

    const booted = await launch.machine.run(
      `BUILDIMG_IMDS_ADDRESS=${launch.imds.address} BUILDIMG_IMDS_WAIT_SECONDS=1 /usr/lib/buildimg/bin/first-boot`,
    );

    expect(booted.exitCode).toBe(1);
    expect(booted.stderr).toContain(message);
    expect(await read('/var/lib/app-calls')).toBe('');
    expect(await read('/root/initial-credentials')).toBe('');
  });

  it('fails closed when nothing answers, and asks no proxy', async () => {
    await install();
    const { address } = launch.imds;
    await launch.imds.close();

    const booted = await launch.machine.run(
      `http_proxy=http://127.0.0.1:1 BUILDIMG_IMDS_ADDRESS=${address} BUILDIMG_IMDS_WAIT_SECONDS=0 /usr/lib/buildimg/bin/first-boot`,
    );

    expect(booted.exitCode).toBe(1);
    expect(booted.stderr).toContain('gives no token');
  });

  it('fails closed after a hook that fails, and starts over with a new password on the next try', async () => {
    await install();
    await launch.machine.run(
      `printf '#!/bin/sh\\ntest -e /var/repaired\\n' >${HOOKS}/90-late; chmod 755 ${HOOKS}/90-late`,
    );

    const failed = await boot(FIRST);
    const lost = await read('/var/lib/app-password');
    await launch.machine.run('touch /var/repaired');
    const repaired = await boot(FIRST);

    expect(failed.exitCode).toBe(1);
    expect(failed.stderr).toContain('90-late failed');
    expect(repaired).toMatchObject({ exitCode: 0 });
    expect(await read('/root/initial-credentials')).not.toContain(lost);
    expect((await read('/var/lib/app-calls')).split('\n')).toHaveLength(2);
  });

  it('hands the parameter to the AWS CLI on stdin, in the region of the instance', async () => {
    await launch.machine.run(`printf '%s\\n' '#!/bin/bash' 'printf "%s %s\\n" "$AWS_DEFAULT_REGION" "$*" >/var/lib/aws-call; cat >/var/lib/aws-input' \\
      >/usr/local/bin/aws; chmod 755 /usr/local/bin/aws`);
    await install({ STRATEGY: 'ssm-parameter', PARAMETER_PATH: '/shop/admin' });

    const booted = await boot(FIRST);
    const input = JSON.parse(await read('/var/lib/aws-input')) as unknown;

    expect(booted).toMatchObject({ exitCode: 0 });
    expect(await read('/var/lib/aws-call')).toBe('eu-west-1 ssm put-parameter --cli-input-json file:///dev/stdin');
    expect(input).toEqual({
      Name: `/shop/admin/${FIRST}/admin`,
      Type: 'SecureString',
      Overwrite: true,
      Value: await read('/var/lib/app-password'),
    });
    expect(await read('/root/initial-credentials')).toBe('');
  });

  it('refuses at build time what could not work, and warns about what is weak', async () => {
    const withoutCli = await install({ STRATEGY: 'ssm-parameter' });
    const misspelt = await launch.machine.provision('first-boot/apply.sh', { SERVICES: 'ap.service' });
    const legacy = await install({ STRATEGY: 'instance-id' });
    await launch.machine.run(`chmod 644 ${HOOKS}/50-app; chmod o+w ${HOOKS}`);
    await launch.machine.run(`install -m 777 /bin/true ${HOOKS}/60-open`);
    const open = await launch.machine.provision('first-boot/verify.sh', {
      SERVICES: 'app.service',
      STRATEGY: 'instance-id',
    });

    expect(withoutCli.stderr).toContain('needs the AWS CLI in the image');
    expect(misspelt.stderr).toContain('ap.service is not installed in this image');
    expect(legacy).toMatchObject({ exitCode: 0 });
    expect(legacy.stderr).toContain('the instance id is no secret');
    expect(open.stderr).toContain(`FAIL  FB-002  ${HOOKS}/50-app is not executable`);
    expect(open.stderr).toContain(`FAIL  FB-002  ${HOOKS}/60-open can be changed by somebody else than root`);
  });

  it('runs the hooks with nothing on stdin when there is no password', async () => {
    await install({ STRATEGY: 'none' });

    const booted = await boot(FIRST);

    expect(booted).toMatchObject({ exitCode: 0 });
    expect(await read('/var/lib/app-password')).toBe('');
    expect(await read('/var/lib/app-calls')).toBe(`admin ${FIRST}`);
  });

  it('has an example hook for PostgreSQL, which then takes the new password only, and logs none', async () => {
    await install({ USER: 'shop-admin' });
    await prepareDatabase();

    const first = await boot(FIRST);
    const old = await read('/var/lib/app-password');
    const second = await boot(SECOND);
    const { stdout } = await launch.machine.run(`pg_ctlcluster 15 main restart >/dev/null
      login() { PGPASSWORD=$1 psql -h 127.0.0.1 -U shop-admin -d postgres -Atc 'SELECT current_user' 2>&1 | tail -1; }
      login "$(cat /var/lib/app-password)"; login ${old}; grep -cF "$(cat /var/lib/app-password)" /var/log/postgresql/*.log
      pg_ctlcluster 15 main stop`);

    expect([first, second]).toMatchObject([
      { exitCode: 0, stderr: '' },
      { exitCode: 0, stderr: '' },
    ]);
    expect(stdout.split('\n')).toEqual(['shop-admin', expect.stringContaining('authentication failed'), '0']);
  });

  it('has an example hook for a web admin user whose password then fits', async () => {
    await install();
    await launch.machine.run(putHook('60-web-admin'));

    const booted = await boot(FIRST);
    const { stdout } = await launch.machine.run(`IFS='$' read -r user _ salt _ </etc/web-admin.htpasswd
      printf '%s' "$(cat /var/lib/app-password)" | openssl passwd -6 -salt "$salt" -stdin | sed "s|^|admin:|" | cmp - /etc/web-admin.htpasswd && echo fits`);

    expect(booted).toMatchObject({ exitCode: 0, stderr: '' });
    expect(stdout).toBe('fits');
  });
});
