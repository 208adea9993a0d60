import { findLine } from '../../parse/lines.js';
import type { RuleContext } from '../context.js';
import { expandHomeGlob } from '../home-glob.js';
import { type Fault, inEveryPolicy, type RuleGroup } from '../rule.js';

/** Files of tools that keep credentials in a form of their own: a look at the structure finds what patterns miss. */
export const credentialFileRules: RuleGroup = {
  checks: [
    {
      id: 'SEC-002',
      title: 'No credentials of tools',
      why: 'docker login, git, npm, kubectl and their like store what they were given, and it outlives the build.',
      source: 'AWS Marketplace AMI policy (no hard-coded secrets); buildimg (trivy and secretlint miss many of them)',
      remedy: 'Log out, remove the file, and revoke what was in it.',
      policies: inEveryPolicy,
      severity: 'critical',
    },
  ],
  evaluate: findCredentialFiles,
};

interface CredentialFile {
  readonly check?: string;
  readonly paths: readonly string[];
  readonly what: string;
  /** Marks the line with the credential; without it the file as such is one. */
  readonly pattern?: RegExp;
}

const FILES: readonly CredentialFile[] = [
  {
    check: 'SEC-001',
    paths: ['~/.aws/credentials', '~/.aws/{cli,sso}/cache/*.json', '~/.passwd-s3fs', '/etc/passwd-s3fs'],
    what: 'credentials of AWS',
  },
  {
    check: 'SEC-001',
    paths: ['~/.aws/config', '~/.boto', '~/.s3cfg', '/etc/boto.cfg'],
    what: 'credentials of AWS',
    pattern: /secret_?(?:access_)?key\s*=\s*\S+/i,
  },
  {
    paths: ['~/.git-credentials', '~/.config/git/credentials'],
    what: 'credentials of git',
    pattern: /(?<!\S)[^\s:]+:\/\/[^\s@]+@/,
  },
  {
    paths: ['~/.netrc', '~/_netrc', '~/.authinfo'],
    what: 'credentials of curl, git and ftp',
    pattern: /\bpassword\s+\S+/,
  },
  {
    paths: ['~/.npmrc', '/etc/npmrc', '/usr/{,local/}etc/npmrc'],
    what: 'credentials of npm',
    pattern: /_authToken\s*=\s*(?!\$)|_password\s*=|_auth\s*=/,
  },
  { paths: ['~/.pypirc'], what: 'credentials of PyPI', pattern: /^\s*password\s*[=:]\s*\S/ },
  {
    paths: ['~/.pip/pip.conf', '~/.config/pip/pip.conf', '/etc/pip.conf'],
    what: 'credentials of a Python index',
    pattern: /:\/\/[^/\s:]+:[^/@\s]+@/,
  },
  {
    paths: ['~/.docker/config.json', '~/.config/containers/auth.json', '/etc/docker/config.json'],
    what: 'credentials of a container registry',
    pattern: /"(?:auth|identitytoken|registrytoken)"\s*:\s*"[^"]+"/,
  },
  {
    paths: ['~/.kube/config', '/etc/rancher/k3s/k3s.yaml'],
    what: 'credentials of a Kubernetes cluster',
    pattern: /^\s*(?:token|client-key-data|password)\s*:\s*\S/,
  },
  {
    paths: [
      '~/.config/gcloud/{credentials.db,access_tokens.db,application_default_credentials.json}',
      '~/.config/gcloud/legacy_credentials/**',
    ],
    what: 'credentials of Google Cloud',
  },
  {
    paths: ['~/.azure/{accessTokens.json,msal_token_cache.*,service_principal_entries.*}'],
    what: 'credentials of Azure',
  },
  {
    paths: ['~/.terraform.d/credentials.tfrc.json', '~/.terraformrc'],
    what: 'credentials of Terraform',
    pattern: /token"?\s*[:=]\s*"/,
  },
  { paths: ['~/.vault-token'], what: 'a token of Vault' },
  {
    paths: ['~/.m2/settings.xml', '~/.m2/settings-security.xml'],
    what: 'credentials of Maven',
    pattern: /<(?:password|master)>[^<$]+</,
  },
  {
    paths: ['~/.gradle/gradle.properties'],
    what: 'credentials of Gradle',
    pattern: /(?:password|token|secret)\w{0,60}\s*=\s*\S+/i,
  },
  {
    paths: ['~/.gem/credentials', '~/.bundle/config'],
    what: 'credentials of RubyGems',
    pattern: /api_key|(?<!\S)BUNDLE_[^\s:]+:\s*"?[^\s:]+:\S/,
  },
  {
    paths: ['~/.cargo/credentials', '~/.cargo/credentials.toml'],
    what: 'credentials of crates.io',
    pattern: /token\s*=/,
  },
  {
    paths: ['~/.composer/auth.json', '~/.config/composer/auth.json'],
    what: 'credentials of Composer',
    pattern: /oauth|password|token/i,
  },
  {
    paths: ['~/.config/gh/hosts.yml', '~/.config/hub', '~/.config/glab-cli/config.yml'],
    what: 'a login of GitHub or GitLab',
    pattern: /token\s*:\s*\S+/,
  },
  { paths: ['~/.gnupg/private-keys-v1.d/*', '~/.gnupg/secring.gpg'], what: 'a private key of GnuPG' },
  {
    paths: ['~/.pgpass', '~/.my.cnf', '~/.mylogin.cnf'],
    what: 'the password of a database',
    pattern: /^(?:[^#:]*:){4}\S+|^\s*password\s*=\s*\S|^\0/,
  },
  { paths: ['~/.subversion/auth/svn.simple/*'], what: 'credentials of Subversion', pattern: /passtype|password/ },
  {
    paths: ['/etc/apt/auth.conf', '/etc/apt/auth.conf.d/*'],
    what: 'credentials of a package repository',
    pattern: /\bpassword\s+\S+/,
  },
  {
    paths: ['~/.databrickscfg', '~/.snowsql/config', '~/.config/rclone/rclone.conf', '~/.rclone.conf'],
    what: 'credentials of a data service',
    pattern: /(?:token|password|pass|secret\w{0,60})\s*=\s*\S/i,
  },
  {
    paths: ['~/.config/hcloud/cli.toml', '~/.config/doctl/config.yaml', '~/.oci/config', '~/.fly/config.yml'],
    what: 'credentials of a cloud',
    pattern: /token|key_file|pass_phrase/,
  },
];

async function* findCredentialFiles(context: RuleContext): AsyncIterable<Fault> {
  for (const { check = 'SEC-002', paths, what, pattern } of FILES) {
    for (const path of paths) {
      for (const entry of await expandHomeGlob(context, path)) {
        if (entry.type !== 'file' || entry.size === 0) continue;
        const text = pattern ? ((await context.readText(entry.path)) ?? '') : '';
        const found = pattern && findLine(text, pattern);
        if (pattern && !found) continue;
        yield { check, path: entry.path, line: found?.line, message: `${entry.path} holds ${what}` };
      }
    }
  }
}
