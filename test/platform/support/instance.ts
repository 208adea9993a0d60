// An instance for hooks to run on: a throw-away copy of this machine's root folder, with a network of its own, in which
// systemctl, nginx and Elastic Beanstalk's own tools are stand-ins that do the little that hooks ask of them.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface HookRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Instance {
  /** Puts a file on the instance. */
  put(path: string, text: string | Uint8Array, mode?: number): void;
  /** Runs bash as root, in one go: what it starts ends with it. */
  run(script: string): Promise<HookRun>;
  remove(): void;
}

const BEANSTALK = '/opt/elasticbeanstalk/bin';

const STAND_INS = {
  // Starts the application as webapp.service does, and the proxy as a forwarder from port 80.
  '/usr/local/bin/systemctl': `#!/bin/bash
echo "systemctl $*" >>/tmp/calls
case "$*" in
  'restart webapp.service')
    [ ! -e /run/webapp/webapp.pid ] || kill "$(cat /run/webapp/webapp.pid)" 2>/dev/null
    install -d -o webapp /run/webapp
    set -a; . /etc/buildimg-platform/app.env; set +a
    cd /var/app/current
    setsid runuser -u webapp -- /usr/lib/buildimg/platform/start-app.sh </dev/null >/dev/null 2>&1 &
    ;;
  'stop webapp.service') [ ! -e /run/webapp/webapp.pid ] || kill "$(cat /run/webapp/webapp.pid)" 2>/dev/null || : ;;
  'reload-or-restart nginx.service')
    [ -e /tmp/proxy ] || { : >/tmp/proxy; setsid node -e 'require("node:net").createServer((c) => { const s = require("node:net").connect(8080, "127.0.0.1"); c.pipe(s).pipe(c); c.on("error", () => {}); s.on("error", () => c.destroy()); }).listen(80)' </dev/null >/dev/null 2>&1 & } ;;
esac
`,
  '/usr/local/bin/nginx': '#!/bin/bash\n[ ! -e /tmp/nginx-broken ] || { echo "unknown directive" >&2; exit 1; }\n',
  [`${BEANSTALK}/download-source-bundle`]:
    '#!/bin/bash\nmkdir -p /opt/elasticbeanstalk/deploy/appsource\ncp /bundle.zip /opt/elasticbeanstalk/deploy/appsource/source_bundle\n',
  [`${BEANSTALK}/get-config`]: `#!/bin/bash
case "$*" in
  '--output JSON environment') cat /environment.json ;;
  'optionsettings -n aws:elasticbeanstalk:container:custom:application -o NODE_COMMAND') cat /command.txt ;;
  *) echo "get-config: $*" >&2; exit 1 ;;
esac
`,
} as const;

// Reads: W work folder, C command.
const RUN_SCRIPT = `
set -eu
mkdir -p "$W/upper" "$W/work" "$W/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$W/upper,workdir=$W/work" "$W/root"
mount -t proc proc "$W/root/proc"
mount --rbind /dev "$W/root/dev"
ip link set lo up
exec chroot "$W/root" /usr/bin/env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin bash --norc -c "$C"
`;

/** Needs root, for the namespaces. */
export function createInstance(): Instance {
  const folder = mkdtempSync(join(tmpdir(), 'buildimg-instance-'));
  const put: Instance['put'] = (path, text, mode = 0o644) => {
    const target = join(folder, 'tmp', 'files', path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text, { mode });
  };
  for (const [path, text] of Object.entries(STAND_INS)) put(path, text, 0o755);
  return {
    put,
    run: (script) =>
      new Promise((resolve) => {
        // The upper folder of an overlay may not itself lie on one, which a memory file system never does.
        const mounted = `mount -t tmpfs tmpfs "$W/disk"\n${RUN_SCRIPT.replaceAll('$W', '$W/disk')}`;
        const setUp = `mkdir -p "$W/disk"\n${mounted.replace('mount -t proc', 'cp -a "$W/tmp/files/." "$W/disk/root/"\nmount -t proc')}`;
        const args = ['--mount', '--net', '--pid', '--fork', '--kill-child', 'sh', '-c', setUp];
        const env = { ...process.env, W: folder, C: script };
        execFile('unshare', args, { env, maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
          resolve({ exitCode: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr });
        });
      }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
