// The whole walk, as a user does it: one build of examples/nginx by the real packer in a real machine, then two instances
// of the AMI that came out. One build serves all assertions.
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeImagesCommand } from '@aws-sdk/client-ec2';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PolicyDocument } from '../../src/iam/policy-document.js';
import type { Finding } from '../../src/scan/finding.js';
import { copyExampleWith } from '../support/add-provisioner.js';
import { type GuestResult, type LaunchedInstance, runInGuest } from '../support/guest.js';
import { listCalls } from '../support/policy-trial.js';
import { createHome, type Home } from '../support/run-cli.js';
import { createSandboxClient, createSandboxS3 } from '../support/sandbox-ec2.js';

interface BuiltImage {
  readonly scan: { readonly report: string; readonly sbom: { readonly cyclonedx: string } };
  readonly outcome: string;
  readonly amiId: string;
  readonly amiName: string;
  readonly snapshotIds: readonly string[];
  readonly logFile: string;
}

interface Report {
  readonly findings: readonly Finding[];
}

interface Component {
  readonly name: string;
}

// What the build instance was, written down in the image by the build itself.
const RECORD_BUILDER = {
  shell: {
    inline: [
      'install -d -m 0755 /opt/builder',
      'cp /etc/machine-id /opt/builder/machine-id',
      'cat /etc/ssh/ssh_host_*_key.pub | cut -d" " -f2 >/opt/builder/host-keys',
      'cut -d" " -f2 /home/admin/.ssh/authorized_keys >/opt/builder/authorized-keys',
      'printf "old entry\\n" >>/var/log/from-the-build.log',
      'printf "secret command\\n" >/home/admin/.bash_history',
      'printf "secret command\\n" >/root/.bash_history',
    ],
  },
};

describe('building examples/nginx in the sandbox', () => {
  let home: Home;
  let config: string;
  let image: BuiltImage;
  let first: LaunchedInstance;
  let second: LaunchedInstance;

  beforeAll(async () => {
    home = await createHome();
    config = copyExampleWith('examples/nginx', join(home.folder, 'nginx'), RECORD_BUILDER);
    // As a checkout on Windows leaves it.
    chmodSync(join(home.folder, 'nginx', 'scripts', 'configure-nginx.sh'), 0o644);
    // More than goes by commands.
    writeFileSync(join(home.folder, 'nginx', 'rootfs', 'large'), randomBytes(300_000));
    appendFileSync(config, '    scan: { policy: marketplace, failOn: medium }\n');
    image = await build();
    first = await home.runJson<LaunchedInstance>('sandbox', 'launch', image.amiId, '--json');
    second = await home.runJson<LaunchedInstance>('sandbox', 'launch', image.amiId, '--json');
  }, 1_800_000);

  afterAll(async () => {
    await home.run('sandbox', 'down');
    home.remove();
  }, 120_000);

  async function build(...options: readonly string[]): Promise<BuiltImage> {
    const words = ['build', 'web', '--sandbox', '--config', config, '--json', ...options];
    const { images } = await home.runJson<{ readonly images: readonly [BuiltImage] }>(...words);
    return images[0];
  }

  function readLog(): readonly string[] {
    return readFileSync(join(home.folder, 'buildimg', 'sandbox', 'sandbox.log'), 'utf8').split('\n');
  }

  function inFirst(command: string): Promise<GuestResult> {
    return runInGuest(first, command);
  }

  it('reports the AMI, its snapshot and the log', () => {
    expect(image).toMatchObject({
      outcome: 'built',
      amiId: expect.stringMatching(/^ami-[0-9a-f]{17}$/),
      amiName: expect.stringMatching(/^web-x86_64-1\.0\.0-[0-9a-f]{8}$/),
      snapshotIds: [expect.stringMatching(/^snap-[0-9a-f]{17}$/)],
      logFile: expect.stringContaining(home.folder),
    });
  });

  it('finds nothing above low in it, neither on the instance before it is sealed nor in its snapshot', () => {
    const report = readReport(image);

    const grave = report.findings.filter(({ severity }) => severity !== 'low' && severity !== 'info');
    expect(report).toMatchObject({ policy: 'marketplace', failing: false, target: image.amiId, gaps: [] });
    expect(grave).toEqual([]);
  });

  it('lists the packages of the image in its SBOM, whose digest the AMI carries', async () => {
    const client = await createSandboxClient(home);
    const { Images = [] } = await client.send(new DescribeImagesCommand({ ImageIds: [image.amiId] }));
    client.destroy();

    const tags = new Map((Images[0]?.Tags ?? []).map(({ Key, Value }) => [Key, Value]));
    const digest = createHash('sha256').update(readFileSync(image.scan.sbom.cyclonedx)).digest('hex');
    expect(readComponents(image).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['nginx-light', 'openssh-server']),
    );
    expect(tags.get('buildimg:sbom-sha256')).toBe(digest);
    expect(tags.get('buildimg:scan-findings')).toMatch(/^critical=0 high=0 medium=0 low=\d+$/);
  });

  it('serves what was provisioned, after a boot from the image', async () => {
    const page = await inFirst('curl -s --retry 5 --retry-connrefused http://localhost/ | tail -n 1');

    expect(page).toEqual({ status: 0, output: '<p>Hello from a sealed image</p>' });
  });

  it('has an sshd that refuses root and passwords', async () => {
    const settings = await inFirst('sudo sshd -T');

    expect(settings.output.split('\n')).toEqual(
      expect.arrayContaining([
        'permitrootlogin no',
        'passwordauthentication no',
        'kbdinteractiveauthentication no',
        'permitemptypasswords no',
      ]),
    );
  });

  it('refuses root even with the new key', async () => {
    const asRoot = await runInGuest(first, 'id', { user: 'root' });

    expect(asRoot.status).toBe(255);
    expect(asRoot.output).toContain('Permission denied (publickey)');
  });

  it('has no authorized key but the new one', async () => {
    const newKey = execFileSync('ssh-keygen', ['-y', '-f', first.keyFile], { encoding: 'utf8' }).split(' ')[1]?.trim();
    const keys = await inFirst(
      "sudo find / -xdev -name 'authorized_keys*' -type f -exec cat {} + | grep -v '^#' | grep -o 'AAAA[^ ]*' | sort -u",
    );
    const builderKeys = await inFirst('cat /opt/builder/authorized-keys');

    expect(keys).toEqual({ status: 0, output: newKey });
    expect(builderKeys.output).toMatch(/^AAAA/);
    expect(builderKeys.output).not.toContain(newKey);
  });

  it('has host keys that neither the builder nor another instance has', async () => {
    const command = 'cat /etc/ssh/ssh_host_*_key.pub | cut -d" " -f2';
    const keys = [
      ...(await inFirst(command)).output.split('\n'),
      ...(await runInGuest(second, command)).output.split('\n'),
      ...(await inFirst('cat /opt/builder/host-keys')).output.split('\n'),
    ];

    expect(keys.length).toBeGreaterThanOrEqual(6);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('has a machine-id of its own in every instance', async () => {
    const ids = [
      (await inFirst('cat /etc/machine-id')).output,
      (await runInGuest(second, 'cat /etc/machine-id')).output,
      (await inFirst('cat /opt/builder/machine-id')).output,
    ];

    expect(ids).toEqual([0, 1, 2].map(() => expect.stringMatching(/^[0-9a-f]{32}$/)));
    expect(new Set(ids).size).toBe(3);
  });

  it('has no log line and no history from the build', async () => {
    const bootedAt = (await inFirst('date -d "$(uptime -s)" \'+%Y-%m-%d %H:%M:%S\'')).output;
    const oldLogs = await inFirst(`sudo find /var/log -type f -size +0 ! -newermt '${bootedAt}'`);
    const oldEntries = await inFirst(`sudo journalctl --quiet --no-pager --until '${bootedAt}' | head -n 3`);
    const histories = await inFirst("sudo find /root /home -name '.*history' -size +0");

    expect({ oldLogs, oldEntries, histories }).toEqual({
      oldLogs: { status: 0, output: '' },
      oldEntries: { status: 0, output: '' },
      histories: { status: 0, output: '' },
    });
  });

  it('locks every password', async () => {
    const hashes = await inFirst("sudo grep -c ':[$]' /etc/shadow");

    expect(hashes.output).toBe('0');
  });

  it('builds nothing when nothing changed', async () => {
    const again = await home.run('build', 'web', '--sandbox', '--config', config, '--json');

    expect(again.status).toBe(0);
    expect(JSON.parse(again.stdout).images[0]).toMatchObject({ outcome: 'unchanged', amiId: image.amiId });
    expect(again.stderr).toMatch(/unchanged|nothing to do/i);
  });

  it('has called nothing that the policy of its config does not grant', async () => {
    const { Statement } = await home.runJson<PolicyDocument>('iam-policy', 'web', '--config', config);
    const log = readLog();

    // Whose credentials these are, everybody may ask.
    const granted = new Set(['sts:GetCallerIdentity', ...Statement.flatMap(({ Action }) => Action)]);
    expect([...listCalls(log)].filter((action) => !granted.has(action))).toEqual([]);
    expect(listCalls(log)).toContain('ec2:CreateImage');
  });

  it('leaves no build instance behind', async () => {
    const status = await home.runJson<{ readonly instances: readonly { readonly id: string }[] }>(
      'sandbox',
      'status',
      '--json',
    );

    expect(status.instances.map(({ id }) => id).sort()).toEqual([first.instanceId, second.instanceId].sort());
  });

  it('comes out the same from the builder ec2, whose files go through a bucket', async () => {
    const text = readFileSync(config, 'utf8');
    writeFileSync(
      config,
      text.replace('type: packer', 'type: ec2, iamInstanceProfile: ssm, filesBucket: files-of-builds'),
    );

    const s3 = await createSandboxS3(home);
    await s3.send(new CreateBucketCommand({ Bucket: 'files-of-builds' }));
    s3.destroy();

    const other = await build('--force');

    expect(other.amiId).not.toBe(image.amiId);
    expect(readComponents(other)).toEqual(readComponents(image));
    expect(readReport(other).findings).toEqual(readReport(image).findings);
    // The payload out, and what is scanned before sealing back; each object goes when it has served.
    const calls = readLog().filter((line) => / s3:\w+ \S+ 2\d\d /.test(line));
    const carried = ['PutObject', 'GetObject', 'DeleteObject'];
    expect(calls.slice(1).map((line) => /s3:(\w+)/.exec(line)?.[1])).toEqual([...carried, ...carried]);
  }, 1_800_000);
});

function readReport({ scan }: BuiltImage): Report {
  return JSON.parse(readFileSync(scan.report, 'utf8')) as Report;
}

function readComponents({ scan }: BuiltImage): readonly Component[] {
  const { components } = JSON.parse(readFileSync(scan.sbom.cyclonedx, 'utf8')) as {
    readonly components: readonly Component[];
  };
  return components;
}
