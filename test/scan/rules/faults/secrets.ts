import type { PlantedFault } from './fault.js';
import { PEM_KEY } from './keys.js';

/** Secrets are put together here: as one literal they would look like real ones to scanners of this repository. */
function planted(
  name: string,
  path: string,
  { check, content, ...more }: { check: string; content: string } & Partial<PlantedFault>,
): PlantedFault {
  return { name, plant: { [path]: content }, expect: { check, path }, ...more };
}

const ACCESS_KEY = ['AKIA', 'Z7Q3M5X2W4T6R2PA'].join('');
const SECRET_KEY = ['wq7J9sKd2Lx8', 'Vb4Nf6Tz1Rc3Hp5Gy0Em7Qa9Uj2Wo4'].join('').slice(0, 40);
const GITHUB = ['ghp', '_', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'].join('');
const JWT = ['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiIxMjM0NTY3ODkwIn0', 'dozjgNryP4J3jVmNHl0w5N'].join('.');

export const secretFaults: readonly PlantedFault[] = [
  planted('credentials of the AWS CLI', '/root/.aws/credentials', {
    check: 'SEC-001',
    content: `[default]\naws_access_key_id=${ACCESS_KEY}\naws_secret_access_key=${SECRET_KEY}\n`,
  }),
  planted('an access key in a script', '/opt/app/deploy.sh', {
    check: 'SEC-001',
    content: `#!/bin/sh\nexport KEY=${ACCESS_KEY}\n`,
  }),
  planted('a secret key in a configuration', '/etc/app.conf', {
    check: 'SEC-001',
    on: 'al2023',
    content: `aws_secret_access_key = "${SECRET_KEY}"\n`,
  }),
  planted('a cache of SSO', '/home/admin/.aws/sso/cache/a.json', { check: 'SEC-001', content: '{"accessToken":"x"}' }),
  planted('a login of docker', '/root/.docker/config.json', {
    check: 'SEC-002',
    content: '{"auths":{"r.acme.test":{"auth":"YTpi"}}}',
  }),
  planted('a netrc', '/root/.netrc', { check: 'SEC-002', content: 'machine git.acme.test login ci password s3cr3t\n' }),
  planted('credentials of git', '/home/admin/.git-credentials', {
    check: 'SEC-002',
    content: 'https://ci:pw@git.acme.test\n',
  }),
  planted('a token of npm', '/root/.npmrc', { check: 'SEC-002', content: '//r.acme.test/:_authToken=abc\n' }),
  planted('a cluster', '/root/.kube/config', { check: 'SEC-002', content: 'users:\n- user:\n    token: abc\n' }),
  planted('a database login', '/root/.pgpass', { check: 'SEC-002', content: 'db:5432:app:app:pw\n' }),
  planted('a login of mysql', '/root/.my.cnf', {
    check: 'SEC-002',
    on: 'rhel-9',
    content: '[client]\npassword = pw\n',
  }),
  planted('a login of GitHub', '/root/.config/gh/hosts.yml', {
    check: 'SEC-002',
    content: 'github.com:\n  oauth_token: x\n',
  }),
  planted('a password for apt', '/etc/apt/auth.conf.d/90acme.conf', {
    check: 'SEC-002',
    content: 'machine apt.acme.test login a password b\n',
  }),
  planted('a key of GnuPG', '/root/.gnupg/private-keys-v1.d/AB.key', { check: 'SEC-002', content: 'Key: (x)\n' }),
  planted('a token of Vault', '/root/.vault-token', { check: 'SEC-002', content: 'x.y\n' }),
  planted('a private key of an application', '/opt/app/jwt-signing', { check: 'SEC-003', content: PEM_KEY }),
  planted('a private key in JSON', '/srv/app/account', { check: 'SEC-003', content: JSON.stringify({ key: PEM_KEY }) }),
  planted('a token of GitHub', '/opt/app/.env', { check: 'SEC-004', content: `T=${GITHUB}\n` }),
  planted('a JSON web token', '/srv/www/config.ini', { check: 'SEC-004', content: `auth=${JWT}\n` }),
  planted('a token of Slack', '/usr/local/bin/notify', {
    check: 'SEC-004',
    on: 'ubuntu-24.04',
    content: `#!/bin/sh\ncurl -d ${['xox', 'b-123456789012-abcdefABCDEF'].join('')}\n`,
  }),
  planted('a URL with a password', '/etc/yum.repos.d/acme.repo', {
    check: 'SEC-005',
    on: 'al2023',
    content: '[acme]\ngpgcheck=1\nbaseurl=https://ci:hunter22@repo.acme.test/el\n',
  }),
  planted('a database URL', '/srv/app/settings.py', {
    check: 'SEC-005',
    content: 'DB = "postgresql://app:Tr0ub4dor@db.acme.test/app"\n',
  }),
  planted('a default password', '/opt/app/config.yml', { check: 'SEC-006', content: 'admin:\n  password: changeme\n' }),
  planted('a password in .env', '/srv/app/.env.production', { check: 'SEC-006', content: 'DB_PASSWORD=Tr0ub4dor-3\n' }),
  planted('a password in JSON', '/opt/app/settings.json', {
    check: 'SEC-006',
    content: '{"clientSecret": "9f8a7b6c5d4e3f2a1b"}',
  }),
  planted('a password in XML', '/opt/tomcat/conf/server.xml', {
    check: 'SEC-006',
    content: '<db><password>hunter22</password></db>',
  }),
  planted('a database in the image', '/var/lib/postgresql/15/main/global/pg_control', {
    check: 'SEC-007',
    content: 'x',
  }),
  planted('user-data with a password', '/var/lib/cloud/instances/i-0/user-data.txt', {
    check: 'SEC-008',
    content: '#cloud-config\npassword: Tr0ub4dor-3\n',
  }),
  planted('pickled user-data with a key', '/var/lib/cloud/instances/i-0/obj.pkl', {
    check: 'SEC-008',
    content: `\u0080\u0004\u0000key=${ACCESS_KEY}\n`,
  }),
  planted('a password in the environment', '/etc/environment', {
    check: 'SEC-009',
    content: 'PATH=/usr/bin\nDB_PASSWORD="Tr0ub4dor-3"\n',
  }),
  planted('a password in a unit', '/etc/systemd/system/app.service', {
    check: 'SEC-009',
    content: '[Service]\nUser=app\nEnvironment=DB_PASSWORD=Tr0ub4dor-3\nExecStart=/usr/bin/app\n',
  }),
  planted('a token in the profile', '/etc/profile.d/app.sh', {
    check: 'SEC-009',
    on: 'rhel-9',
    content: 'export API_TOKEN=9f8a7b6c5d4e3f2a\n',
  }),
  planted('a repository', '/opt/app/.git/HEAD', {
    check: 'SEC-010',
    content: 'ref: refs/heads/main\n',
    expect: { check: 'SEC-010', path: '/opt/app/.git' },
  }),
  planted('layers of docker', '/var/lib/docker/overlay2/abc/diff/etc/passwd', {
    check: 'SEC-011',
    content: 'root:x:0:0::/:\n',
    expect: { check: 'SEC-011', path: '/var/lib/docker/overlay2/abc' },
  }),
];
