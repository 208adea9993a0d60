// To renew after a change that is meant: UPDATE_GOLDEN=1 npm test -- test/render/eb-platform, and read the diff.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { loadTextTemplates } from '../../src/build/load-templates.js';
import type { ResolvedImage } from '../../src/config/resolved-config.js';
import { planImage } from '../../src/plan/plan-image.js';
import { planPlatform } from '../../src/plan/plan-platform.js';
import {
  blockDeviceKeys,
  provisionerKeys,
  rootKeys,
  sharedBuilderKeys,
  sourceFilterKeys,
} from '../../src/platform/packer-vocabulary.js';
import { renderEbPlatform } from '../../src/render/eb-platform.js';
import type { RenderedFile } from '../../src/render/rendered-file.js';
import type { TextTemplates } from '../../src/render/text-template.js';
import { aPlatform, aPlatformImage, platformFacts } from '../support/a-platform.js';
import { withTemporaryFolder } from '../support/temporary-folder.js';

const GOLDEN = join('test', 'golden', 'eb-platform');
/** Copied as they stand, and held by the linters where they come from. */
const COPIES = /^builder\/(?:provisioners|scripts)\/|\/hooks\/|\/usr\/lib\/buildimg\/|-platform\.sh$|builder\.sh$/;

let templates: TextTemplates;
beforeAll(async () => {
  templates = await loadTextTemplates('/nowhere');
});

function render(image: ResolvedImage = aPlatformImage()): readonly RenderedFile[] {
  return renderEbPlatform(planImage(image, platformFacts), planPlatform(image, platformFacts), templates);
}

function textOf(files: readonly RenderedFile[], path: string): string {
  const content = files.find((file) => file.path === path)?.content;
  return content !== undefined && 'text' in content ? content.text : '';
}

interface Template {
  readonly builders: readonly Readonly<Record<string, object>>[];
  readonly provisioners: readonly (Readonly<Record<string, unknown>> & { readonly type: string })[];
}

function templateOf(image?: ResolvedImage): Template {
  return JSON.parse(textOf(render(image), 'custom_platform.json')) as Template;
}

describe('renderEbPlatform', () => {
  it('holds every file that its builder sources or runs', () => {
    const files = render(aPlatformImage({ provisioners: [{ name: 'seal', options: {} }] }));
    const paths = files.map(({ path }) => path);

    const scripts = files.filter(({ path }) => /^builder\/(?:builder\.sh|setup-scripts\/)/.test(path));
    const wanted = scripts.flatMap(({ path }) =>
      [
        ...textOf(files, path).matchAll(
          /\$(?:BUILDER_DIR|\{BUILDER_DIR\})["']*\/["']*([\w./-]+\.sh)|\$lib\/([\w.-]+)/g,
        ),
      ].map(([, inBuilder, inLibrary]) => `builder/${inBuilder ?? `provisioners/lib/${inLibrary}`}`),
    );

    expect(wanted).toContain('builder/provisioners/lib/common.sh');
    expect(wanted).toContain('builder/provisioners/file.sh');
    expect(wanted.filter((path) => !paths.includes(path))).toEqual([]);
    expect(new Set(paths).size).toBe(paths.length);
  });

  it('renders every text as reviewed', () => {
    const files = render().filter(({ path, content }) => 'text' in content && !COPIES.test(path));

    for (const { path } of files) {
      const file = join(GOLDEN, path.startsWith('.') ? `dot-${path.slice(1)}` : path);
      if (process.env['UPDATE_GOLDEN'] === '1') {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, textOf(files, path));
      }
      expect(textOf(files, path)).toBe(readFileSync(file, 'utf8'));
    }
  });

  it('has the files that a platform definition is made of', () => {
    const paths = render().map(({ path }) => path);

    expect(paths).toEqual(paths.toSorted());
    expect(paths).toEqual(
      expect.arrayContaining([
        '.ebignore',
        '.elasticbeanstalk/config.yml',
        'README.md',
        'builder/CONFIG',
        'builder/builder.sh',
        'builder/files/02-etc/motd',
        'builder/platform-uploads/etc/nginx/conf.d/headers.conf',
        'builder/platform-uploads/etc/systemd/system/webapp.service',
        'builder/platform-uploads/opt/elasticbeanstalk/tasks/bundlelogs.d/audit.conf',
        'builder/scripts/03-install.sh',
        'custom_platform.json',
        'platform.yaml',
      ]),
    );
  });

  it('has a hook for every stage that a deployment, a change and a restart go through', () => {
    const hooks = render().flatMap(({ path }) => /\/hooks\/(.+)\/[^/]+$/.exec(path)?.[1] ?? []);

    const stages = ['pre', 'enact', 'post'];
    const operations = ['appdeploy', 'configdeploy', 'restartappserver'];
    expect(new Set(hooks)).toEqual(
      new Set(['preinit', 'postinit', ...operations.flatMap((each) => stages.map((stage) => `${each}/${stage}`))]),
    );
  });

  it('runs the provisioners around the platform: packages before, hardening and seal after it', () => {
    const scripts = render().flatMap(({ path }) => /setup-scripts\/(.+)$/.exec(path)?.[1] ?? []);

    expect(scripts).toEqual([
      '0010-update.sh',
      '0020-file-etc.sh',
      '0030-install-sh.sh',
      '0040-who-am-i.sh',
      '0050-platform.sh',
      '0060-harden.sh',
      '0070-seal.sh',
    ]);
  });

  it("takes the user's hook where both have one of the same name, and makes every hook executable", () => {
    const hooks = 'builder/platform-uploads/opt/elasticbeanstalk/hooks/appdeploy';
    const files = render();

    expect(files.filter(({ path }) => path === `${hooks}/enact/10-stop.sh`)).toEqual([
      {
        path: `${hooks}/enact/10-stop.sh`,
        mode: 0o755,
        content: { copyOf: '/config/hooks/appdeploy/enact/10-stop.sh' },
      },
    ]);
    expect(files.filter(({ path, mode }) => path.includes('/hooks/') && mode !== 0o755)).toEqual([]);
  });

  it('uses only keys that Packer 1.0.3, 1.6.6 and 1.16 all know', () => {
    const { rootVolume, ...settings } = {
      ...aPlatformImage().builder,
      rootVolume: { sizeGib: 20, type: 'gp2' as const },
    };
    const builder = { ...settings, rootVolume, iamInstanceProfile: 'x', securityGroupIds: ['sg-01234567'] };
    const images = [
      aPlatformImage(),
      aPlatformImage({
        builder,
        ami: { tags: { a: 'b' }, encrypt: true, description: 'd' },
        platform: aPlatform({ flavor: 'rhel7' }),
      }),
      aPlatformImage({
        builder: { ...builder, sshUsername: 'x' },
        source: { kind: 'ami', id: 'ami-01234567' },
        provisioners: [],
      }),
    ];

    const unknown = images.slice(0, 2).flatMap((image) => {
      const template = templateOf(image);
      const [source = {}] = template.builders;
      const devices = (source['launch_block_device_mappings'] ?? []) as readonly object[];
      return [
        ...listUnknown(template, rootKeys),
        ...listUnknown(source, sharedBuilderKeys),
        ...devices.flatMap((device) => listUnknown(device, blockDeviceKeys)),
        ...listUnknown(source['source_ami_filter'] ?? {}, sourceFilterKeys),
        ...template.provisioners.flatMap((each) => listUnknown(each, provisionerKeys.get(each.type) ?? new Set())),
      ];
    });

    expect(unknown).toEqual([]);
  });

  it('refuses what would need a key that Packer 1.0.3 does not know', () => {
    const image = aPlatformImage({ builder: { ...aPlatformImage().builder, rootVolume: { type: 'gp3' } } });

    expect(() => render(image)).toThrow(expect.objectContaining({ code: 'PLATFORM_PACKER_TOO_OLD' }));
  });

  it('refuses a hook that nothing would run', () => {
    const facts = { ...platformFacts, files: new Map([['/config/hooks/deploy/10-a.sh', { digest: '', mode: 0o755 }]]) };

    expect(() => planPlatform(aPlatformImage(), facts)).toThrow(
      expect.objectContaining({ code: 'PLATFORM_HOOK_PLACE' }),
    );
  });

  it('needs a platform section', () => {
    const { platform: _none, ...image } = aPlatformImage();

    expect(() => planPlatform(image, platformFacts)).toThrow(expect.objectContaining({ code: 'PLATFORM_MISSING' }));
  });

  it('is shell that shellcheck and bash accept, with hostile values in it', () =>
    withTemporaryFolder((folder) => {
      const scripts = render().filter(
        ({ path, content }) => /\.sh$|CONFIG$|\.config$|\.env$/.test(path) && 'text' in content,
      );
      const paths = scripts.map(({ path }) => {
        const file = join(folder, path.replaceAll('/', '_'));
        writeFileSync(file, textOf(scripts, path));
        return file;
      });

      const warnings = execFileSync(
        'shellcheck',
        ['--shell=bash', '--severity=warning', '--exclude=SC2034', ...paths],
        { encoding: 'utf8' },
      );
      for (const path of paths) execFileSync('bash', ['-n', path]);
      const read = (name: string) => {
        const file = paths.find((path) => path.endsWith(name)) ?? '';
        return execFileSync('bash', ['--norc', '-c', '. "$0"; printf %s "$GREETING$APP_PREPARE"', file], {
          encoding: 'utf8',
          env: {},
        });
      };

      expect(warnings).toBe('');
      expect(read('default.env')).toBe(aPlatform().runtime?.environment['GREETING']);
      expect(read('platform.config')).toBe(aPlatform().runtime?.prepare);
    }));

  it('leaves out hooks, service and proxy for a platform without a runtime', () => {
    const { runtime: _none, hooks: _hooks, files: _files, ...platform } = aPlatform();

    const paths = render(aPlatformImage({ platform })).map(({ path }) => path);

    expect(paths.filter((path) => path.includes('platform-uploads'))).toEqual([]);
    expect(paths).toContain('builder/setup-scripts/0050-platform.sh');
  });
});

function listUnknown(settings: object, known: ReadonlySet<string>): readonly string[] {
  return Object.keys(settings).filter((key) => !known.has(key));
}
