// What the provisioners promise for the boot of an image, on machines that were booted: one build of examples/postgresql,
// two instances of the AMI, and a third one that cannot ask the metadata service.
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GetConsoleOutputCommand, RebootInstancesCommand } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { copyExample } from '../support/add-provisioner.js';
import { type GuestResult, type LaunchedInstance, runInGuest } from '../support/guest.js';
import { runByAgent } from '../support/guest-agent.js';
import { MAKE_AGENT_PACKAGE, MAKE_LLVM_PACKAGE, MAKE_WHEELS } from '../support/made-packages.js';
import { createHome, type Home } from '../support/run-cli.js';
import { createSandboxClient } from '../support/sandbox-ec2.js';

interface Finding {
  readonly check: string;
  readonly severity: string;
  readonly path: string;
}

const CREDENTIALS = '/root/initial-credentials';
const SERVICES = 'postgresql@15-main.service db-status.service nginx.service';
const BOOT_LIMIT_MS = 900_000;

// Unpacking the 115 MB of LLVM takes minutes under emulation, and nothing here runs a query that is compiled.
const WITHOUT_LLVM = [
  { file: { source: 'handed-in/', destination: '/var/lib/handed-in/' } },
  { shell: { inline: ['dpkg -i /var/lib/handed-in/llvm.deb'], title: 'without LLVM' } },
];

// Beside what the example has: programs that its image would not need, but that must outlive a boot as well.
const MORE_PROVISIONERS = [
  { 'python-app': { name: 'greeter', source: '/var/lib/handed-in/greet-1.0-py3-none-any.whl', ...fromFolder() } },
  { 'ssm-agent': { source: '/var/lib/handed-in/agent.deb' } },
];

function fromFolder() {
  return { packages: ['helper==1.0'], findLinks: '/var/lib/handed-in', useIndex: false };
}

describe('two launches of examples/postgresql', () => {
  let home: Home;
  let amiId: string;
  let first: LaunchedInstance;
  let second: LaunchedInstance;

  beforeAll(async () => {
    home = await createHome();
    const config = copyExample('examples/postgresql', join(home.folder, 'postgresql'), addProvisioners);
    makePackages(join(home.folder, 'postgresql', 'handed-in'));
    const { images } = await home.runJson<{ readonly images: readonly [{ readonly amiId: string }] }>(
      'build',
      'database',
      '--sandbox',
      '--config',
      config,
      '--json',
    );
    amiId = images[0].amiId;
    first = await launch();
    second = await launch();
    for (const instance of [first, second]) await waitUntilBooted(instance);
  }, 2_400_000);

  afterAll(async () => {
    await home.run('sandbox', 'down');
    home.remove();
  }, 120_000);

  function launch(...options: readonly string[]): Promise<LaunchedInstance> {
    return home.runJson<LaunchedInstance>('sandbox', 'launch', amiId, ...options, '--json');
  }

  describe('its password', () => {
    it('is another one on each, where the page of first-boot says', async () => {
      const passwords = [await readPassword(first), await readPassword(second)];
      const file = await runInGuest(first, `sudo cat ${CREDENTIALS}`);

      expect(passwords).toEqual([0, 1].map(() => expect.stringMatching(/^[A-Za-z0-9]{24}$/)));
      expect(new Set(passwords).size).toBe(2);
      expect(file).toEqual({ status: 0, output: `user=admin\npassword=${passwords[0]}` });
    });

    it('lets in to the database over TCP, and another does not', async () => {
      const own = await logIn(first, await readPassword(first));
      const other = await logIn(first, await readPassword(second));

      expect(own).toEqual({ status: 0, output: 'admin' });
      expect(other.status).toBe(2);
      expect(other.output).toContain('password authentication failed for user "admin"');
    });

    it('opens the web page, and another, or none, does not', async () => {
      const own = await openPage(first, await readPassword(first));
      const other = await openPage(first, await readPassword(second));
      const none = await runInGuest(first, "curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1/");

      expect([own.output, other.output, none.output]).toEqual(['200 template1', '401', '401']);
    });

    it('is read by nobody but root', async () => {
      const modes = await runInGuest(first, `sudo stat -c '%a %U:%G' ${CREDENTIALS} /etc/web-admin.htpasswd`);
      const asUser = await runInGuest(first, `cat ${CREDENTIALS}`);

      expect(modes.output.split('\n')).toEqual(['400 root:root', '640 root:www-data']);
      expect(asUser.status).toBe(1);
    });

    it('stands neither on the console nor in a log, nor in plain text anywhere else', async () => {
      const password = await readPassword(first);
      const shown = await readConsole(first);
      // In a shell of root's, since sudo writes down the arguments of what it runs.
      const files = await runInGuest(
        first,
        `sudo sh -c 'p=$(sed -n s/^password=//p ${CREDENTIALS}); grep -rlF "$p" /etc /root /home /tmp /var --exclude-dir=base; journalctl --no-pager | grep -cF "$p"'`,
      );

      expect(shown).toContain('ip-172-31-');
      expect(shown).not.toContain(password);
      expect(files.output.split('\n')).toEqual([CREDENTIALS, '0']);
    });
  });

  it('differ in host keys and machine-id', async () => {
    const command = 'cat /etc/machine-id; cut -d" " -f2 /etc/ssh/ssh_host_*_key.pub';
    const identities = [await runInGuest(first, command), await runInGuest(second, command)].flatMap(({ output }) =>
      output.split('\n'),
    );

    expect(identities.length).toBeGreaterThanOrEqual(4);
    expect(new Set(identities).size).toBe(identities.length);
  });

  it('start the services after the password is in force', async () => {
    const order = await runInGuest(
      first,
      'systemctl show -P ActiveEnterTimestampMonotonic buildimg-first-boot.service postgresql@15-main.service nginx.service',
    );
    const [made = 0, database = 0, web = 0] = order.output.split(/\s+/).map(Number);

    expect(made).toBeGreaterThan(0);
    expect(database).toBeGreaterThan(made);
    expect(web).toBeGreaterThan(made);
  });

  it('have no failed unit and no ordering cycle', async () => {
    const failed = await runInGuest(first, 'systemctl list-units --state=failed --plain --no-legend');
    const cycles = await runInGuest(first, "sudo journalctl -b --no-pager | grep -ci 'ordering cycle'");

    expect(failed).toEqual({ status: 0, output: '' });
    expect(cycles.output).toBe('0');
  });

  it('run what else was provisioned: chrony, the agent, and a web application as a user of its own', async () => {
    const time = await runInGuest(
      first,
      'systemctl is-active chrony.service; sudo chronyc -n -c sources | cut -d, -f3',
    );
    const rival = await runInGuest(first, 'systemctl is-active systemd-timesyncd.service');
    const agent = await runInGuest(first, 'systemctl is-active amazon-ssm-agent.service');
    const account = await runInGuest(
      first,
      'getent passwd db-status | cut -d: -f6-; sudo passwd --status db-status; ps -o user= -C db-status.py',
    );

    expect(time.output).toBe('active\n169.254.169.123');
    expect(rival.output).toBe('inactive');
    expect(agent.output).toBe('active');
    expect(account.output).toMatch(/^\/nonexistent:\/usr\/sbin\/nologin\ndb-status L .*\ndb-stat/);
  });

  it('run a Python program that another Python of the system does not break', async () => {
    const before = await runInGuest(second, 'greet; readlink -f /opt/greeter/bin/python');
    const after = await runInGuest(
      second,
      'sudo ln -sfn /bin/false /usr/bin/python3; sudo mv /usr/lib/python3/dist-packages /root/; python3; echo $?; greet',
    );

    expect(before).toEqual({ status: 0, output: 'hello, helper 1.0\n/usr/bin/python3.11' });
    expect(after).toEqual({ status: 0, output: '1\nhello, helper 1.0' });
  });

  it('have an sshd without a fail from ssh-audit', async () => {
    const { publicIp, sshPort } = first;
    const audit = await auditSsh(publicIp, sshPort);

    expect(audit.output).toContain('(kex)');
    expect(audit.output.split('\n').filter((line) => line.includes('[fail]'))).toEqual([]);
  });

  it('come from an AMI in which the scan finds nothing above low', async () => {
    const scanned = await home.run('scan', amiId, '--sandbox', '--policy', 'marketplace', '--format', 'json');
    const { findings } = JSON.parse(scanned.stdout) as { readonly findings: readonly Finding[] };

    expect(findings.filter(({ severity }) => severity !== 'low' && severity !== 'info')).toEqual([]);
  }, 300_000);

  it(
    'keep their password over a reboot, and make a new one when the disk is of another instance',
    async () => {
      const before = await readPassword(first);
      await reboot(first);
      const kept = await readPassword(first);
      await runInGuest(
        first,
        `echo i-0fedcba9876543210 | sudo tee /var/lib/buildimg/first-boot/instance-id; sudo systemctl restart buildimg-first-boot.service && sudo systemctl start ${SERVICES}`,
      );
      const rotated = await readPassword(first);

      expect(kept).toBe(before);
      expect(rotated).toMatch(/^[A-Za-z0-9]{24}$/);
      expect(rotated).not.toBe(before);
      expect(await logIn(first, rotated)).toEqual({ status: 0, output: 'admin' });
      expect((await logIn(first, before)).output).toContain('password authentication failed');
      expect((await openPage(first, before)).output).toBe('401');
    },
    BOOT_LIMIT_MS,
  );

  it(
    'keep the application down where the metadata service cannot be asked, and say why',
    async () => {
      const client = await createSandboxClient(home);
      const closed = await launch('--no-metadata');
      client.destroy();

      const state = await runByAgent(
        home,
        closed.instanceId,
        `until systemctl is-failed -q buildimg-first-boot.service; do sleep 2; done
         systemctl is-active nginx.service db-status.service postgresql@15-main.service; ss -Hltn '( sport = 80 or sport = 5432 )'; ls ${CREDENTIALS}
         curl -s -o /dev/null -w '%{http_code}\n' -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token`,
      );
      const journal = await runByAgent(
        home,
        closed.instanceId,
        'journalctl --no-pager -u buildimg-first-boot -u nginx',
      );

      expect(state.output.split('\n')).toEqual([
        'inactive',
        'inactive',
        'inactive',
        `ls: cannot access '${CREDENTIALS}': No such file or directory`,
        '403',
      ]);
      expect(journal.output).toContain('the metadata service gives no token; the launch must not disable it');
      expect(journal.output).toContain('Dependency failed for nginx.service');
    },
    BOOT_LIMIT_MS,
  );

  async function readConsole({ instanceId }: LaunchedInstance): Promise<string> {
    const client = await createSandboxClient(home);
    const { Output = '' } = await client.send(new GetConsoleOutputCommand({ InstanceId: instanceId }));
    client.destroy();
    return Buffer.from(Output, 'base64').toString();
  }

  async function reboot(instance: LaunchedInstance): Promise<void> {
    const bootId = 'cat /proc/sys/kernel/random/boot_id';
    const before = await runInGuest(instance, bootId);
    const client = await createSandboxClient(home);
    await client.send(new RebootInstancesCommand({ InstanceIds: [instance.instanceId] }));
    client.destroy();
    for (;;) {
      const now = await runInGuest(instance, bootId);
      if (now.status === 0 && now.output !== before.output) break;
    }
    await waitUntilBooted(instance);
  }
});

// `update` takes a minute under emulation, and build-nginx.test.ts has it already; `packages` fetches the lists itself.
function addProvisioners(provisioners: readonly unknown[]): readonly unknown[] {
  const kept = provisioners.filter((entry) => entry !== 'update');
  const harden = kept.findIndex((entry) => typeof entry === 'object' && 'harden' in (entry as object));
  return [...WITHOUT_LLVM, ...kept.toSpliced(harden, 0, ...MORE_PROVISIONERS)];
}

function makePackages(folder: string): void {
  mkdirSync(folder);
  execFileSync('bash', ['-c', MAKE_WHEELS], { cwd: folder });
  const work = mkdtempSync(join(tmpdir(), 'buildimg-agent-'));
  execFileSync('bash', ['-c', `${MAKE_AGENT_PACKAGE}; ${MAKE_LLVM_PACKAGE}; mv *.deb "$0"; rm -rf "$PWD"`, folder], {
    cwd: work,
  });
}

/** sshd answers before the services have started; how long this may take is the business of the caller's time limit. */
async function waitUntilBooted(instance: LaunchedInstance): Promise<void> {
  for (;;) {
    const { output } = await runInGuest(instance, 'timeout 60 systemctl is-system-running --wait');
    if (/^(running|degraded)$/.test(output)) return;
  }
}

async function readPassword(instance: LaunchedInstance): Promise<string> {
  const { output } = await runInGuest(instance, `sudo sed -n 's/^password=//p' ${CREDENTIALS}`);
  return output;
}

function logIn(instance: LaunchedInstance, password: string): Promise<GuestResult> {
  return runInGuest(
    instance,
    `PGPASSWORD=${password} psql -X -h 127.0.0.1 -U admin -d postgres -Atc 'SELECT current_user'`,
  );
}

/** HTTP status, and what only the application knows. */
function openPage(instance: LaunchedInstance, password: string): Promise<GuestResult> {
  return runInGuest(
    instance,
    `page=$(curl -s --retry 10 --retry-delay 3 -u admin:${password} -w '\\n%{http_code}' http://127.0.0.1/); echo "$(tail -n 1 <<<"$page") $(grep -om1 template1 <<<"$page")"`,
  );
}

/** ssh-audit exits with 2 and 3 for what it finds, which its lines say as well. */
async function auditSsh(host: string, port: number): Promise<GuestResult> {
  const run = promisify(execFile);
  try {
    const { stdout } = await run('ssh-audit', ['--no-colors', '--timeout', '60', '--port', String(port), host], {
      timeout: 120_000,
    });
    return { status: 0, output: stdout };
  } catch (error) {
    const { code, stdout } = error as { readonly code?: number; readonly stdout?: string };
    return { status: code ?? -1, output: stdout ?? '' };
  }
}
