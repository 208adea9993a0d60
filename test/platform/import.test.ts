// The command line over templates as people have them; the real packer judges what is rendered from the result.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { TemplateDifference } from '../../src/platform/import/compare-templates.js';
import { createHome, type Home } from '../support/run-cli.js';
import { withTemporaryFolder } from '../support/temporary-folder.js';

const FIXTURES = join('test', 'platform', 'fixtures');

interface Answer {
  readonly config: string;
  readonly notes: readonly string[];
  readonly images: readonly {
    readonly name: string;
    readonly problem?: string;
    readonly differences: readonly TemplateDifference[];
  }[];
}

let home: Home;
beforeAll(async () => {
  home = await createHome();
});
afterAll(() => home.remove());

/** A folder with `template` and the files that it names. */
function prepareSource(folder: string, template: string): string {
  const source = join(folder, 'source');
  mkdirSync(join(source, 'builder'), { recursive: true });
  writeFileSync(join(source, 'builder', 'builder.sh'), '#!/bin/bash\necho built\n', { mode: 0o755 });
  writeFileSync(join(source, 'builder', 'CONFIG'), 'A=1\n');
  cpSync(join(FIXTURES, template), join(source, template));
  return source;
}

const lostOrChanged = ({ images }: Answer) =>
  images.flatMap(({ differences }) => differences.filter(({ kind }) => kind !== 'added').map(({ where }) => where));

async function renderAndValidate(folder: string, config: string, variables: readonly string[]): Promise<string> {
  const values = variables.flatMap((each) => ['--var', each]);
  const rendered = await home.run('-c', config, 'render', '-o', join(folder, 'out'), ...values);
  expect(rendered).toMatchObject({ status: 0 });
  const cwd = rendered.stdout.trim();
  return execFileSync('packer', ['validate', 'template.json'], { cwd, encoding: 'utf8' });
}

describe('platform import', () => {
  it('turns a legacy template into a config that renders to one of the same meaning', () =>
    withTemporaryFolder(async (folder) => {
      const source = prepareSource(folder, 'legacy.json');

      const answer = await home.runJson<Answer>(
        'platform',
        'import',
        join(source, 'legacy.json'),
        '-o',
        join(folder, 'new'),
        '-f',
        'json',
      );
      const verdict = await renderAndValidate(folder, answer.config, ['base=ami-00000000']);

      // The name is made from the inputs here, and a terminal for sudo is asked for by nothing but old systems.
      expect(lostOrChanged(answer)).toEqual(['builder.ssh_pty', 'builder.ami_name']);
      expect(answer.notes).toEqual([
        'the environment variable AWS_EB_PLATFORM_NAME is read by the template; the import did not look at it',
      ]);
      expect(verdict).not.toContain('rror');
      const added = answer.images.flatMap(({ differences }) => differences.filter(({ kind }) => kind === 'added'));
      expect(added.filter(({ where }) => where.startsWith('step')).map(({ after }) => after)).toEqual([
        'provisioner seal',
      ]);
    }));

  it('turns HCL2 into a config that renders to a template of the same meaning', () =>
    withTemporaryFolder(async (folder) => {
      const source = prepareSource(folder, 'web.pkr.hcl');

      const answer = await home.runJson<Answer>(
        'platform',
        'import',
        join(source, 'web.pkr.hcl'),
        '-o',
        join(folder, 'new'),
        '-f',
        'json',
      );
      const verdict = await renderAndValidate(folder, answer.config, []);

      expect(lostOrChanged(answer)).toEqual([]);
      expect(answer.notes).toEqual([expect.stringContaining('formatdate')]);
      expect(verdict).not.toContain('rror');
      expect(parse(readFileSync(answer.config, 'utf8'))).toMatchObject({
        variables: { region: { default: 'us-west-2' } },
        images: { web: { ami: { tags: { team: 'web ${var:region}', price: '${5} "a"' } } } },
      });
    }));

  it('turns a platform definition into a config that renders to one again', () =>
    withTemporaryFolder(async (folder) => {
      const source = prepareSource(folder, 'legacy.json');
      const yaml =
        'version: "1.0"\nprovisioner:\n  type: packer\n  template: legacy.json\n  flavor: ubuntu1604\nmetadata:\n  operating_system_version: 16.10\n';
      writeFileSync(join(source, 'platform.yaml'), yaml);

      const answer = await home.runJson<Answer>('platform', 'import', source, '-o', join(folder, 'new'), '-f', 'json');
      const rendered = await home.run(
        '-c',
        answer.config,
        'render',
        '-t',
        'eb-platform',
        '-o',
        join(folder, 'out'),
        '--var',
        'base=ami-00000000',
      );
      const linted = await home.run('platform', 'lint', rendered.stdout.trim());

      const platform = parse(readFileSync(join(rendered.stdout.trim(), 'platform.yaml'), 'utf8'));
      expect(platform).toMatchObject({
        provisioner: { flavor: 'ubuntu1604' },
        metadata: { operating_system_version: '16.10' },
      });
      expect(linted).toMatchObject({ status: 0, stdout: expect.stringContaining('0 errors') });
      expect(lostOrChanged(answer)).toEqual(['builder.ssh_pty', 'builder.ami_name']);
    }));

  it('lists what it cannot carry, and leaves out secrets and files from elsewhere', () =>
    withTemporaryFolder(async (folder) => {
      const template = {
        builders: [
          {
            type: 'amazon-ebs',
            region: 'us-west-2',
            source_ami: 'ami-00000000',
            ssh_username: 'admin',
            secret_key: 'hunter2',
            ami_users: ['1'],
            temporary_security_group_source_cidrs: ['0.0.0.0/0'],
            tags: { built: '{{timestamp}}' },
          },
          { type: 'virtualbox-iso' },
        ],
        provisioners: [
          { type: 'ansible', playbook_file: 'x.yml' },
          { type: 'file', source: '../../etc/passwd', destination: '/tmp/p' },
          { type: 'shell', script: 'missing.sh', pause_before: '10s' },
        ],
        'post-processors': [{ type: 'manifest' }],
      };
      writeFileSync(join(folder, 'template.json'), JSON.stringify(template));

      const answer = await home.runJson<Answer>('platform', 'import', folder, '-o', join(folder, 'new'), '-f', 'json');

      expect(answer.notes).toEqual([
        'builder virtualbox-iso: only amazon-ebs is carried over',
        'post-processors are not carried over',
        '0.0.0.0/0 would let the whole internet in to SSH: left out, the builder alone may connect',
        'tag built is computed by Packer or reserved, and was left out',
        'secret_key is a secret and was left out',
        'ami_users is not carried over',
        'provisioner ansible is not carried over: write it as a shell script',
        "../../etc/passwd lies outside of the template's folder, or where is computed; it was left out",
        'pause_before of provisioner shell is not carried over',
        "missing.sh is no file or folder below the template's folder; it was left out",
      ]);
      expect(readFileSync(answer.config, 'utf8')).not.toContain('hunter2');
    }));

  it.each([
    ['nothing.json', undefined, 'IMPORT_NO_TEMPLATE'],
    ['bad.json', '{', 'IMPORT_SYNTAX'],
    ['none.json', '{"builders":[{"type":"qemu"}]}', 'IMPORT_NO_BUILDER'],
    ['bad.pkr.hcl', 'source "amazon-ebs" {{', 'IMPORT_SYNTAX'],
  ])('says what is wrong with %s', (name, content, code) =>
    withTemporaryFolder(async (folder) => {
      if (content !== undefined) writeFileSync(join(folder, name), content);

      const { status, stderr } = await home.run('platform', 'import', join(folder, name), '-o', join(folder, 'new'));

      expect({ status, code: stderr.split(' ')[0] }).toEqual({ status: 2, code });
    }),
  );

  it('overwrites nothing', () =>
    withTemporaryFolder(async (folder) => {
      const source = prepareSource(folder, 'web.pkr.hcl');
      mkdirSync(join(folder, 'new'));
      writeFileSync(join(folder, 'new', 'buildimg.yaml'), 'mine');

      const { stderr } = await home.run('platform', 'import', join(source, 'web.pkr.hcl'), '-o', join(folder, 'new'));

      expect(stderr).toContain('INIT_FILE_EXISTS');
      expect(readFileSync(join(folder, 'new', 'buildimg.yaml'), 'utf8')).toBe('mine');
    }));
});
