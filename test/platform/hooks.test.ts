// The hooks of a rendered platform, run for real in the order in which Elastic Beanstalk runs them.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { zipSync } from 'fflate';
import { loadTextTemplates } from '../../src/build/load-templates.js';
import { planImage } from '../../src/plan/plan-image.js';
import { planPlatform } from '../../src/plan/plan-platform.js';
import { renderEbPlatform } from '../../src/render/eb-platform.js';
import { aPlatform, aPlatformImage, platformFacts } from '../support/a-platform.js';
import { createInstance, type Instance } from './support/instance.js';

const UPLOADS = 'builder/platform-uploads';
const SERVER = readFileSync('examples/eb-node/app/server.js');

let instance: Instance;
beforeAll(async () => {
  const { hooks: _hooks, files: _files, runtime, ...platform } = aPlatform();
  const image = aPlatformImage({
    platform: {
      ...platform,
      runtime: { ...(runtime ?? never()), healthPath: '/', startTimeoutSeconds: 3, prepare: 'node --check server.js' },
    },
  });
  const files = renderEbPlatform(
    planImage(image, platformFacts),
    planPlatform(image, platformFacts),
    await loadTextTemplates('/nowhere'),
  );
  instance = createInstance();
  for (const { path, mode, content } of files) {
    if (path.startsWith(UPLOADS) && 'text' in content) instance.put(path.slice(UPLOADS.length), content.text, mode);
  }
  instance.put('/bundle.zip', zipSync({ 'server.js': SERVER, '.ebextensions/a.config': new Uint8Array() }));
  instance.put(
    '/environment.json',
    JSON.stringify({ GREETING: 'it\'s "$HOME" `id` \\ ok', 'not a name': 'x', PORT: '8080' }),
  );
  instance.put('/command.txt', 'null\n');
});
afterAll(() => instance.remove());

function never(): never {
  throw new Error('aPlatform has a runtime');
}

const SET_UP = `
set -eu
id -u webapp >/dev/null 2>&1 || useradd --system --user-group --no-create-home webapp
run() { for hook in /opt/elasticbeanstalk/hooks/$1/*.sh; do "$hook" || { echo "failed: $hook" >&2; return 1; }; done; }
deploy() { for operation in "$@"; do case $operation in pre*|post*) run $operation || return 1 ;; *) for stage in pre enact post; do run $operation/$stage || return 1; done ;; esac; done; }
ask() { curl -s http://127.0.0.1/; }
`.trimEnd();

describe('hooks of a platform with a runtime', () => {
  it('launch: the application answers through the proxy, with the environment that get-config gives', async () => {
    const { exitCode, stdout, stderr } = await instance.run(
      `${SET_UP}; deploy preinit appdeploy postinit; ask; ls -a /var/app/current; stat -c %a /etc/buildimg-platform/app.env`,
    );

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('it\'s "$HOME" `id` \\ ok from version 1 at /\n');
    expect(stdout).not.toContain('.ebextensions');
    expect(stdout.trim().endsWith('600')).toBe(true);
  });

  it('a second deployment serves the new version and keeps the one before', async () => {
    instance.put(
      '/second.zip',
      zipSync({ 'server.js': Buffer.from(SERVER.toString().replace('version 1', 'version 2')) }),
    );

    const { exitCode, stdout } = await instance.run(
      `${SET_UP}; deploy preinit appdeploy; cp /second.zip /bundle.zip; deploy appdeploy; ask; grep -o 'version [0-9]' /var/app/previous/server.js`,
    );

    expect(exitCode).toBe(0);
    expect(stdout).toContain('from version 2 at /\nversion 1\n');
  });

  it('a change of the configuration restarts with the new environment and command', async () => {
    const { exitCode, stdout } = await instance.run(
      `${SET_UP}; deploy preinit appdeploy
       echo '{"GREETING":"changed"}' >/environment.json; echo 'node ./server.js' >/command.txt
       deploy configdeploy restartappserver; ask; cat /etc/buildimg-platform/command`,
    );

    expect(exitCode).toBe(0);
    expect(stdout).toContain('changed from version 1 at /\nnode ./server.js\n');
  });

  it.each([
    [
      'the bundle cannot run',
      "echo 'const {' >server.js; zip -q /bundle.zip server.js",
      '"node --check server.js" failed',
    ],
    ['the bundle is no zip file', 'echo x >/bundle.zip', 'the source bundle is not a zip file'],
    ['the proxy is broken', ': >/tmp/nginx-broken', 'nginx does not accept its configuration: unknown directive'],
    ['the application does not answer', 'echo false >/command.txt', 'the application did not answer / within 3 s'],
    ['get-config fails', 'rm /environment.json', 'get-config environment failed'],
  ])('says why on stderr when %s', async (_what, spoil, words) => {
    const { exitCode, stderr } = await instance.run(`${SET_UP}; deploy preinit; cd /tmp; ${spoil}; deploy appdeploy`);

    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(`node-debian: ${words}`);
  });

  it('does not stop the application for a restart when the proxy would not come back', async () => {
    const { exitCode, stdout, stderr } = await instance.run(
      `${SET_UP}; deploy preinit appdeploy; : >/tmp/nginx-broken; deploy restartappserver || ask`,
    );

    expect(exitCode).toBe(0);
    expect(stderr).toContain('10-check-proxy.sh');
    expect(stdout).toContain('from version 1 at /');
  });
});
