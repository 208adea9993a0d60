// What looks like a secret in a template is shown nowhere, written nowhere, and asked for by the config that comes of it.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { takeOutSecrets } from '../../src/platform/import/inline-secrets.js';
import { createHome, type Home } from '../support/run-cli.js';
import { withTemporaryFolder } from '../support/temporary-folder.js';

let home: Home;
beforeAll(async () => {
  home = await createHome({ IMPORT_TEST_FROM_HOST: 'value-of-the-host' });
});
afterAll(() => home.remove());

const KEY_ID = `AKIA${'Q3EG'.repeat(4)}`;
const GITHUB = `ghp_${'a1B2'.repeat(9)}`;
const SECRETS = {
  variable: 'plain-words-of-a-variable',
  sensitive: 'said-to-be-sensitive',
  environment: 'Tr0ub4dor-and-3',
  exported: 'correct0horse0battery',
  password: 'pw-of-the-login',
  tag: 'x8H2kq0Lmm3v',
};

const BUILDER = { type: 'amazon-ebs', region: 'us-west-2', source_ami: 'ami-00000000', ssh_username: 'admin' };

const LEGACY = {
  variables: {
    k: SECRETS.variable,
    quiet: SECRETS.sensitive,
    host: '{{env `IMPORT_TEST_FROM_HOST`}}',
    mode: 'fast',
  },
  'sensitive-variables': ['quiet'],
  builders: [
    {
      ...BUILDER,
      access_key: KEY_ID,
      secret_key: '{{user `k`}}',
      ssh_password: SECRETS.password,
      tags: { api_key: SECRETS.tag, host: '{{user `host`}}', team: 'web' },
    },
  ],
  provisioners: [
    {
      type: 'shell',
      inline: [
        `export DB_PASSWORD=${SECRETS.exported}`,
        `curl -H 'Authorization: token ${GITHUB}' https://github.example/x`,
        'echo done',
      ],
      environment_vars: [`DB_PASSWORD2=${SECRETS.environment}`, 'QUIET={{user `quiet`}}', 'MODE={{user `mode`}}'],
    },
  ],
};

const HCL = `
variable "quiet" {
  type      = string
  sensitive = true
  default   = "${SECRETS.sensitive}"
}
locals {
  password = "${SECRETS.environment}"
}
source "amazon-ebs" "web" {
  region       = "us-west-2"
  source_ami   = "ami-00000000"
  ssh_username = "admin"
  secret_key   = "${SECRETS.variable}"
}
build {
  sources = ["source.amazon-ebs.web"]
  provisioner "shell" {
    inline           = ["echo hello", "export DB_PASSWORD='${SECRETS.exported}'"]
    environment_vars = ["DB_PASSWORD2=\${local.password}", "QUIET=\${var.quiet}"]
  }
}
`;

function readAll(folder: string): string {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  return paths
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
}

describe('platform import of a template with secrets', () => {
  it.each([
    ['template.json', JSON.stringify(LEGACY), 'text'],
    ['template.json', JSON.stringify(LEGACY), 'json'],
    ['web.pkr.hcl', HCL, 'text'],
    ['web.pkr.hcl', HCL, 'json'],
  ])('shows none of them and writes none, from %s', (name, content, format) =>
    withTemporaryFolder(async (folder) => {
      writeFileSync(join(folder, name), content);
      const out = join(folder, 'new');

      const answer = await home.run('platform', 'import', join(folder, name), '-o', out, '-f', format);

      expect(answer).toMatchObject({ status: 0, stderr: '' });
      const all = answer.stdout + readAll(out);
      const told = [...Object.values(SECRETS), KEY_ID, GITHUB, 'value-of-the-host'].filter((each) =>
        all.includes(each),
      );
      expect(told).toEqual([]);
      const config = parse(readFileSync(join(out, 'buildimg.yaml'), 'utf8'));
      expect(config.variables).toMatchObject({
        quiet: { secret: true },
        db_password: { secret: true },
        db_password2: { secret: true },
      });
      expect(config.variables.quiet).not.toHaveProperty('default');
      expect(Object.values(config.images)).toMatchObject([
        // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of the config
        { provisioners: [{ shell: { environment: { DB_PASSWORD2: '${var:db_password2}', QUIET: '${var:quiet}' } } }] },
      ]);
    }),
  );

  it('gives a config that is valid and renders, and says which variables of the environment it would read', () =>
    withTemporaryFolder(async (folder) => {
      writeFileSync(join(folder, 'template.json'), JSON.stringify(LEGACY));

      const answer = await home.run('platform', 'import', folder, '-o', join(folder, 'new'));
      const config = join(folder, 'new', 'buildimg.yaml');
      const rendered = await home.run('-c', config, 'render', '-o', join(folder, 'out'));

      expect(answer.stdout).toContain('note: the environment variable IMPORT_TEST_FROM_HOST is read by the template');
      expect(answer.stdout).toContain('note: tag api_key holds what looks like a secret, and was left out');
      expect(answer.stdout).not.toContain('not compared');
      expect(rendered).toMatchObject({ status: 0, stderr: '' });
    }));
});

describe('takeOutSecrets', () => {
  it.each([
    ["echo 'x ghp_T y'", `echo 'x '"\${SECRET}"' y'`],
    ['echo "x ghp_T y"', 'echo "x ${SECRET} y"'],
    ['echo ghp_T', 'echo "${SECRET}"'],
    ['export TOKEN=ghp_T; run', 'export TOKEN="${TOKEN}"; run'],
    ['API_PASSWORD="two words" run', 'API_PASSWORD="${API_PASSWORD}" run'],
    ['echo "plain" > /etc/motd', 'echo "plain" > /etc/motd'],
    ['PASSWORD=$1 run', 'PASSWORD=$1 run'],
  ])('keeps the line %s a line that does the same', (line, expected) => {
    const { text } = takeOutSecrets([line.replace('ghp_T', GITHUB)]);

    expect(text).toBe(expected);
  });

  it('takes a private key out with its block, and a URL with a password whole', () => {
    const key = ['-----BEGIN RSA PRIVATE KEY-----', 'MIIEowIBAAKCAQEA0123456789', '-----END RSA PRIVATE KEY-----'];

    const { text, removed } = takeOutSecrets([
      'cat > /root/key <<E',
      ...key,
      'E',
      'curl https://deploy:s3cret-s3cret@files.acme.dev/x',
      'echo done',
    ]);

    expect(text).not.toMatch(/MIIE|s3cret/);
    expect(text.endsWith('echo done')).toBe(true);
    expect(text).toContain('curl "${SECRET}"');
    expect(removed.map((each) => each.split(' ')[0])).toEqual(['SEC-003']);
  });
});
