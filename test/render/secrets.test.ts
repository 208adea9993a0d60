// Secrets stay out of whatever is rendered, and reach the step all the same: with the real packer, over a real sshd.
import { execFile, execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/load-config.js';
import { planBeanstalk } from '../../src/plan/plan-beanstalk.js';
import { planPlatform } from '../../src/plan/plan-platform.js';
import { renderEbAmi } from '../../src/render/eb-ami.js';
import { renderEbPlatform } from '../../src/render/eb-platform.js';
import { planFacts } from '../support/an-image.js';
import { startSshd } from '../support/an-sshd.js';
import { planImageIn, renderPlanIn } from '../support/render-image-in.js';
import { withTemporaryFolder } from '../support/temporary-folder.js';

const run = promisify(execFile);
const TARGETS = [
  ['packer-json', 'template.json'],
  ['packer-hcl2', 'template.pkr.json'],
] as const;

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: references of the config, not of this file
const ENVIRONMENT = {
  TOKEN: '${var:token}',
  HEADER: 'Bearer {${var:token}} and ${x} 100%${var:other}',
  FROM_HOST: '${env:DEPLOY_TOKEN}',
  DEFAULTED: '${var:defaulted}',
  PLAIN: '${env:STAGE}',
};
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: references of the config, not of this file

/** Packer takes no value with two opening braces for a variable of its legacy templates. */
const valuesFor = (target: (typeof TARGETS)[number][0]) => ({
  token: `it's ${target === 'packer-hcl2' ? '{{ isotime }} {{' : '{ { }}'} "quoted" \${x} %{y} $HOME \`id\` \\ \\n, end`,
  other: 'line one\nline two',
  DEPLOY_TOKEN: 'deploys-{%$',
  defaulted: 'd$$faulted-100%',
});

const configOf = (images: Readonly<Record<string, unknown>>) => ({
  version: 1,
  variables: {
    token: { secret: true },
    other: { secret: true },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of the config
    defaulted: { secret: true, default: '${env:DEFAULTED}' },
  },
  images,
});

interface PlanChanges {
  readonly image?: Readonly<Record<string, unknown>>;
  readonly values?: ReturnType<typeof valuesFor>;
  readonly withValues?: boolean;
}

async function planConfig(
  folder: string,
  { image = {}, values = valuesFor('packer-json'), withValues = true }: PlanChanges = {},
) {
  const file = join(folder, 'buildimg.json');
  const provisioners = [{ shell: { inline: ['true'], environment: ENVIRONMENT } }];
  const web = { version: '1.0.0', source: { os: 'debian-12' }, provisioners, ...image };
  writeFileSync(file, JSON.stringify(configOf({ web })));
  const { token, other, DEPLOY_TOKEN, defaulted } = values;
  const config = await loadConfig({
    file,
    environment: { DEPLOY_TOKEN, STAGE: 'production', DEFAULTED: defaulted },
    ...(withValues ? { variables: { token, other } } : { withoutSecrets: true }),
  });
  const [resolved] = config.images;
  if (resolved === undefined) throw new Error('The config has no image');
  return { image: resolved, plan: await planImageIn(folder, resolved) };
}

function readAll(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  return files
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
}

describe.each(TARGETS)('render %s with secrets', (target, templateFile) => {
  it('writes no value of a secret into any file, and the values of other variables as they are', () =>
    withTemporaryFolder(async (folder) => {
      const values = valuesFor(target);
      const { plan } = await planConfig(folder, { values });

      const rendered = readAll(await renderPlanIn(join(folder, 'out'), plan, target));

      for (const value of [...Object.values(values), 'line one', 'faulted-100']) {
        expect(rendered).not.toContain(value);
      }
      expect(rendered).toContain('PLAIN=production');
    }));

  it('needs no value, and gives the image the same name with any', () =>
    withTemporaryFolder(async (folder) => {
      const { plan } = await planConfig(folder);
      const { plan: without } = await planConfig(folder, { withValues: false });

      expect(without.amiName).toBe(plan.amiName);
      expect(without.secrets.map(({ variable }) => variable)).toContain('token');
    }));

  it('is refused by packer without the values', () =>
    withTemporaryFolder(async (folder) => {
      const { plan } = await planConfig(folder);
      const cwd = await renderPlanIn(join(folder, 'out'), plan, target);

      const answer = run('packer', ['validate', templateFile], { cwd, env: quiet() });

      await expect(answer).rejects.toMatchObject({ code: 1, stdout: expect.stringMatching(/token/) });
    }));

  it('gives steps the values as they are, whatever characters they hold', () =>
    withTemporaryFolder(async (folder) => {
      const values = valuesFor(target);
      const { plan } = await planConfig(folder, { values });
      const template: unknown = JSON.parse(
        readFileSync(join(await renderPlanIn(join(folder, 'out'), plan, target), templateFile), 'utf8'),
      );
      const secrets = plan.secrets.map(({ variable, value }) => [variable, value]);
      writeFileSync(join(folder, 'secrets.pkrvars.json'), JSON.stringify(Object.fromEntries(secrets)));

      const seen = await runStep(folder, template, target);

      const { token, other, DEPLOY_TOKEN, defaulted } = values;
      expect(seen).toEqual({
        TOKEN: token,
        HEADER: `Bearer {${token}} and \${x} 100%${other}`,
        FROM_HOST: DEPLOY_TOKEN,
        DEFAULTED: defaulted,
        PLAIN: 'production',
      });
    }));
});

describe('render for targets without variables', () => {
  it('refuses to write a platform whose scripts would hold a secret, and names it and its places', () =>
    withTemporaryFolder(async (folder) => {
      const platform = { name: 'p', operatingSystemName: 'Debian', operatingSystemVersion: '12' };
      const { image, plan } = await planConfig(folder, { image: { platform } });

      expect(() =>
        renderEbPlatform(plan, planPlatform(image, { ...planFacts(), files: everything }), new Map()),
      ).toThrow(
        expect.objectContaining({
          code: 'RENDER_SECRET',
          message: expect.stringMatching(
            /eb-platform[^]*token \(images\.web\.provisioners\[0\]\.shell\.environment\.TOKEN/,
          ),
        }),
      );
    }));

  it('refuses the folder of an environment likewise, for a secret of the environment', () =>
    withTemporaryFolder(async (folder) => {
      const source = { platformBranch: 'Node.js 20 running on 64bit Amazon Linux 2023' };
      const { image, plan } = await planConfig(folder, { image: { source, beanstalk: { environment: 'shop' } } });

      expect(() => renderEbAmi({ plan, beanstalk: planBeanstalk(image, planFacts()) }, new Map())).toThrow(
        expect.objectContaining({ code: 'RENDER_SECRET', message: expect.stringMatching(/DEPLOY_TOKEN/) }),
      );
    }));
});

/** As if every file of the library were there. */
const everything = {
  has: () => true,
  get: () => ({ digest: 'digest', mode: 0o644 }),
} as unknown as ReturnType<typeof planFacts>['files'];

/** Runs the template's step with its environment on this machine, over ssh, and gives what the step saw. */
async function runStep(folder: string, template: unknown, target: (typeof TARGETS)[number][0]) {
  execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '3072', '-m', 'PEM', '-N', '', '-f', join(folder, 'key')]);
  const authorizedKey = readFileSync(join(folder, 'key.pub'), 'utf8').trim();
  const sshd = await startSshd({ address: '127.0.0.1', authorizedKey });
  const seen = join(folder, 'seen');
  const builder = {
    communicator: 'ssh',
    ssh_host: '127.0.0.1',
    ssh_port: sshd.port,
    ssh_username: sshd.user,
    ssh_private_key_file: join(folder, 'key'),
  };
  const step = {
    ...pickStep(template, target),
    execute_command: '. {{.EnvVarFile}} && exec sh {{.Path}}',
    inline: Object.keys(ENVIRONMENT).map((name) => `printf '%s\\0' "$${name}" >>${seen}`),
  };
  const { variables, variable } = template as { readonly variables?: object; readonly variable?: object };
  const file = target === 'packer-json' ? 'step.json' : 'step.pkr.json';
  const document =
    target === 'packer-json'
      ? { variables, builders: [{ type: 'null', ...builder }], provisioners: [{ type: 'shell', ...step }] }
      : {
          variable,
          source: { null: { n: builder } },
          build: { sources: ['source.null.n'], provisioner: [{ shell: step }] },
        };
  writeFileSync(join(folder, file), JSON.stringify(document));
  try {
    await run('packer', ['build', '-var-file=secrets.pkrvars.json', file], { cwd: folder, env: quiet() });
  } finally {
    await sshd.close();
  }
  const values = readFileSync(seen, 'utf8').split('\0');
  return Object.fromEntries(Object.keys(ENVIRONMENT).map((name, index) => [name, values[index]]));
}

function pickStep(template: unknown, target: (typeof TARGETS)[number][0]): object {
  const legacy = template as {
    readonly provisioners: readonly { readonly type: string; readonly scripts?: unknown }[];
  };
  const hcl2 = template as {
    readonly build: { readonly provisioner: readonly { readonly shell?: { readonly scripts?: unknown } }[] };
  };
  const steps: readonly (object | undefined)[] =
    target === 'packer-json' ? legacy.provisioners : hcl2.build.provisioner.map(({ shell }) => shell);
  const step = steps.find((each) => each !== undefined && 'scripts' in each);
  const { environment_vars, use_env_var_file } = step as unknown as {
    readonly environment_vars: unknown;
    readonly use_env_var_file: unknown;
  };
  return { environment_vars, use_env_var_file };
}

function quiet() {
  return { ...process.env, CHECKPOINT_DISABLE: '1', PACKER_LOG: '' };
}
