import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { findConfigFile } from '../../src/config/find-config-file.js';
import { formatProblems } from '../../src/config/format-problem.js';
import { loadConfig } from '../../src/config/load-config.js';
import { getSchemaText } from '../../src/config/schema-text.js';
import { findProblems, findProblemsInText, loadText, withConfig } from './support/find-problems.js';

const MINIMAL = `version: 1
images:
  web:
    version: 1.4.0
    source: { os: debian-12 }
`;

describe('loadConfig', () => {
  it('fills in every default, and seal at the end', async () => {
    const config = await loadText(MINIMAL);

    expect(config.images).toEqual([
      {
        name: 'web',
        version: '1.4.0',
        region: 'us-east-1',
        architecture: 'x86_64',
        source: { kind: 'os', os: 'debian-12' },
        builder: {
          type: 'packer',
          instanceType: 'c7i.large',
          packerVersion: '1.6.6',
          sshPort: 22,
          sshTimeoutMinutes: 5,
        },
        provisioners: [{ name: 'seal', options: expect.objectContaining({ machineId: 'empty', zeroFill: false }) }],
        scan: { policy: 'baseline', failOn: 'none', waivers: [] },
        ami: { tags: {}, encrypt: false },
        secrets: [],
      },
    ]);
  });

  it.each([
    ['no section', 'provisioners: [harden: { profile: shared }]', { policy: 'shared', failOn: 'none' }],
    [
      'a section that leaves the policy out',
      'provisioners: [harden: { profile: cis-l1 }]\n    scan: {}',
      { policy: 'cis-l1', failOn: 'high' },
    ],
    ['no section and no profile', 'provisioners: [harden]', { policy: 'baseline', failOn: 'none' }],
    [
      'both',
      'provisioners: [harden]\n    scan: { policy: marketplace, failOn: medium }',
      { policy: 'marketplace', failOn: 'medium' },
    ],
  ])('scans by the profile of harden unless the config says otherwise: %s', async (_what, lines, scan) => {
    const config = await loadText(`${MINIMAL}    ${lines}\n`);

    expect(config.images[0]?.scan).toEqual({ ...scan, waivers: [] });
  });

  it('takes a waiver that has expired: the scan reports it', async () => {
    const waiver = { check: 'SSH-*', path: '/etc/**', reason: 'until the rewrite', expires: '2020-01-31' };

    const config = await loadText(`${MINIMAL}    scan: { waivers: [${JSON.stringify(waiver)}] }\n`);

    expect(config.images[0]?.scan.waivers).toEqual([waiver]);
  });

  it.each(['/etc/[z-a]', '/etc/[a', `/${'{a,b}'.repeat(12)}`])('refuses %s as the path of a waiver', async (path) => {
    const waiver = { check: 'SSH-*', path, reason: 'until the rewrite', expires: '2030-01-31' };

    const loading = loadText(`${MINIMAL}    scan: { waivers: [${JSON.stringify(waiver)}] }\n`);

    await expect(loading).rejects.toMatchObject({ problems: [{ code: 'CONFIG_GLOB' }] });
  });

  it('keeps provisioners in the order written, bare names and mappings alike', async () => {
    const config = await loadText(
      `${MINIMAL}    provisioners: [update, harden:, packages: { install: [nginx] }, update]\n`,
    );

    expect(config.images[0]?.provisioners.map(({ name }) => name)).toEqual([
      'update',
      'harden',
      'packages',
      'update',
      'seal',
    ]);
  });

  it('reads JSON, indented by tabs, as it reads YAML', async () => {
    const text = JSON.stringify(
      { version: 1, images: { web: { version: '1.4.0', source: { os: 'debian-12' } } } },
      undefined,
      '\t',
    );

    const config = await loadText(text, {}, 'buildimg.json');

    expect(config.images).toEqual((await loadText(MINIMAL)).images);
  });

  it('runs TypeScript that imports defineConfig', async () => {
    const text = `import { defineConfig } from 'buildimg';
const version: string = ['1', '4', '0'].join('.');
export default defineConfig({ version: 1, images: { web: { version, source: { os: 'debian-12' } } } });
`;

    const config = await loadText(text, {}, 'buildimg.ts');

    expect(config.images).toEqual((await loadText(MINIMAL)).images);
  });

  it('merges mappings by << and finds the lines of what was merged', async () => {
    const text = `version: 1
images:
  web: &base
    version: 1.4.0
    source: { os: debian-12 }
    region: us-east
  db:
    <<: *base
    version: 2.0.0
`;

    const problems = await findProblemsInText(text);

    expect(problems.map(({ line, message }) => `${line} ${message}`)).toEqual([
      '6 images.web.region: "us-east" is not valid here',
      '6 images.db.region: "us-east" is not valid here',
    ]);
  });

  it('makes paths absolute and tells the login user of a known publisher', async () => {
    const text = `version: 1
images:
  web:
    version: 1.4.0
    source: { filter: { name: 'ubuntu/*' }, owners: ['099720109477'] }
    provisioners: [shell: { script: ./run.sh }]
`;

    await withConfig(text, async (file) => {
      await writeFile(path.join(path.dirname(file), 'run.sh'), '#!/bin/sh\n');

      const config = await loadConfig({ file, environment: {} });

      expect(config.root).toBe(path.dirname(file));
      expect(config.images[0]?.builder.sshUsername).toBe('ubuntu');
      expect(config.images[0]?.provisioners[0]?.options['script']).toBe(path.join(path.dirname(file), 'run.sh'));
    });
  });

  it('refuses a path that leaves the folder through a symbolic link', async () => {
    const text = `${MINIMAL}    provisioners: [shell: { script: link/run.sh }]\n`;

    await withConfig(text, async (file) => {
      const folder = path.dirname(file);
      const outside = `${folder}-outside`;
      await mkdir(outside);
      await writeFile(path.join(outside, 'run.sh'), '#!/bin/sh\n');
      await symlink(outside, path.join(folder, 'link'));

      const problems = await findProblems(file);
      await rm(outside, { recursive: true });

      expect(problems.map(({ code, message }) => `${code} ${message}`)).toEqual([
        'CONFIG_PATH_OUTSIDE images.web.provisioners[0].shell.script: "link/run.sh" leads by a symbolic link out of the folder of the config',
      ]);
    });
  });

  it('takes every hostile string as it is', async () => {
    const file = fileURLToPath(new URL('./hostile/strings.yaml', import.meta.url));

    const config = await loadConfig({ file, environment: { HOME: '/root' } });

    const environment = config.images[0]?.provisioners[0]?.options['environment'];
    expect(environment).toEqual({
      QUOTES: '"double" \'single\' `backtick`',
      NEWLINES: 'first\nsecond\n\nlast',
      PACKER: '{{ user `x` }} {{isotime}} {{{raw}}}',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: text, not a template
      HCL: '${var.x} %{ for a in b }%{ endfor } $${x} %%{y}',
      SHELL_TEXT: '$(touch /tmp/buildimg-pwned) `touch /tmp/buildimg-pwned` ; true && false | cat > /dev/null & # !',
      BACKSLASH: 'C:\\new\\table \\\\ \\" trailing\\',
      UNICODE: 'Größe 日本語 🚀 ﷽ é',
      TAB: 'a\tb',
      SPACES: '  leading and trailing  ',
      EMPTY: '',
      DASHES: '--help',
      ESCAPED_REFERENCE: '${env:HOME} and ${var:token}',
      NEAR_REFERENCE: '${environment} ${ env:HOME } $env:HOME ${ENV:HOME} {env:HOME}',
    });
    expect(config.images[0]?.ami.tags).toEqual({
      plain: 'quotes " and \' and ` and \\',
      'key { .x } ${y} %{z} $(w) "q"': 'line\nbreak { .SourceAMI }',
      'unicode ключ': '日本語 🚀',
    });
    expect(config.images[0]?.ami.description).toBe(
      'It\'s "ours"\n{ { isotime ${x} %{y} $(id) `id` \\ <b>&amp;</b> # ; %s',
    );
    expect(config.images[0]?.provisioners[1]?.options['destination']).toBe(
      '/opt/it\'s a "file" $(x) `y` {{z}} ${a} %{b} ü🚀;&|<>*?#!~',
    );
    expect(config.images[0]?.platform?.operatingSystemName).toBe('yes');
  });
});

describe('loadConfig, references', () => {
  const TEXT = `version: 1
variables:
  release: { default: 1.0.0 }
  port: { default: "22" }
  token: { secret: true }
images:
  web:
    version: \${var:release}
    region: \${env:REGION:-eu-west-1}
    source: { os: debian-12 }
    builder: { sshPort: "\${var:port}" }
    provisioners: [{ shell: { inline: ['true'], environment: { TOKEN: "<\${var:token}>" } } }]
    ami: { tags: { home: "\${env:HOME}/x" } }
`;

  it('replaces variables and environment, and turns text into the number that is asked for', async () => {
    const config = await loadText(TEXT, {
      variables: { port: '2222', token: 'tell-nobody' },
      environment: { HOME: '/h' },
    });

    const image = config.images[0];
    expect(image?.version).toBe('1.0.0');
    expect(image?.region).toBe('eu-west-1');
    expect(image?.builder.sshPort).toBe(2222);
    expect(image?.ami.tags).toEqual({ home: '/h/x' });
    expect(image?.provisioners[0]?.options['environment']).toEqual({ TOKEN: '<tell-nobody>' });
    expect(config.secrets).toEqual(['tell-nobody']);
  });

  it('refuses --var of a variable that is not declared', async () => {
    const problems = await findProblemsInText(TEXT, {
      variables: { prot: '1', token: 'x' },
      environment: { HOME: '/h' },
    });

    expect(problems.map(({ line, code, hint }) => ({ line, code, hint }))).toEqual([
      { line: 2, code: 'CONFIG_VARIABLE_NOT_DECLARED', hint: 'did you mean "port"?' },
    ]);
  });

  it('shows what was written, not what the environment held', async () => {
    const text = MINIMAL.replace('1.4.0', `\${env:LEAK}`);

    const [problem] = await findProblemsInText(text, { environment: { LEAK: 'not a version' } });

    expect(problem?.message).toBe('images.web.version: "${env:LEAK}" is not valid here');
  });
});

describe('loadConfig, files that are no configs', () => {
  it.each([
    ['a NUL byte', Buffer.from('version: 1\n\0'), '2:1 CONFIG_BINARY'],
    ['another encoding', Buffer.from('version: 1\n# gr\xfcn\n', 'latin1'), '2:5 CONFIG_ENCODING'],
    ['100,000 opening brackets', Buffer.from('['.repeat(100_000)), '1:65 CONFIG_TOO_DEEP'],
    ['100,000 dashes in a row', Buffer.from('- '.repeat(100_000)), '1:129 CONFIG_TOO_DEEP'],
  ])('refuses %s', async (_what, content, expected) => {
    const problems = await findProblemsInText(content);

    expect(problems.map(({ line, column, code }) => `${line}:${column} ${code}`)).toEqual([expected]);
  });

  it('places a syntax error of TypeScript', async () => {
    const text = 'export default {\n  version: 1,\n  images: {\n';

    const problems = await withConfig(text, (file) => findProblems(file), 'buildimg.ts');

    expect(problems.map(({ line, column, code }) => `${line}:${column} ${code}`)).toEqual(['4:1 CONFIG_SCRIPT_FAILED']);
  });

  it('refuses a key that stands twice in JSON, also when it is written with an escape', async () => {
    const text = '{ "version": 1, "images": {}, "im\\u0061ges": {} }';

    const problems = await withConfig(text, (file) => findProblems(file), 'buildimg.json');

    expect(problems.map(({ line, column, code }) => `${line}:${column} ${code}`)).toContain(
      '1:31 CONFIG_DUPLICATE_KEY',
    );
  });

  it('refuses more than 1 MiB without reading it', async () => {
    const loading = withConfig('#'.repeat(1024 * 1024 + 1), (file) => loadConfig({ file, environment: {} }));

    await expect(loading).rejects.toMatchObject({ code: 'CONFIG_TOO_LARGE', exit: 2 });
  });

  it('refuses a folder, and a file that is not there', async () => {
    await withConfig(MINIMAL, async (file) => {
      const folder = loadConfig({ file: path.dirname(file), environment: {} });
      const nothing = loadConfig({ file: `${file}.old`, environment: {} });

      await Promise.all([
        expect(folder).rejects.toMatchObject({ code: 'CONFIG_UNREADABLE', exit: 2 }),
        expect(nothing).rejects.toMatchObject({ code: 'CONFIG_FILE_MISSING', exit: 2 }),
      ]);
    });
  });
});

describe('formatProblems', () => {
  it('shows place, code, line, caret and hint', async () => {
    const problems = await findProblemsInText(`${MINIMAL}    architecture: x86\n`);

    const text = formatProblems(
      problems.map((problem) => ({ ...problem, file: 'buildimg.yaml' })),
      { color: false },
    );

    expect(text).toBe(`buildimg.yaml:6:19  CONFIG_ENUM  images.web.architecture: "x86" is not one of x86_64, arm64
        6 |     architecture: x86
          |                   ^^^  did you mean "x86_64"?`);
  });

  it('never lets the config write to the terminal', async () => {
    const problems = await findProblemsInText('version: 1\nimages:\n  web: { "\u001b[2J\u202e": 1 }\n');

    const text = formatProblems(problems, { color: false });

    expect(text).not.toMatch(/\p{Cf}|(?!\n)\p{Cc}/u);
  });
});

describe('findConfigFile', () => {
  it('finds the one there is, and refuses to choose between two', async () => {
    await withConfig(MINIMAL, async (file) => {
      const folder = path.dirname(file);

      expect(await findConfigFile(folder)).toBe(file);
      await writeFile(path.join(folder, 'buildimg.json'), '{}');
      await expect(findConfigFile(folder)).rejects.toMatchObject({ code: 'CONFIG_AMBIGUOUS', exit: 2 });
      await expect(findConfigFile(path.join(folder, 'none'))).rejects.toMatchObject({ code: 'CONFIG_NOT_FOUND' });
    });
  });
});

describe('getSchemaText', () => {
  it('is a JSON Schema that knows the provisioners', () => {
    const schema = JSON.parse(getSchemaText());

    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
    expect(getSchemaText()).toContain('"const": "harden"');
  });
});
