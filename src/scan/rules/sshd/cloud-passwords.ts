import { findCloudValue, isMapping } from '../../parse/cloud-config.js';
import { findLine } from '../../parse/lines.js';
import type { RuleContext } from '../context.js';
import { type Fault, inEveryPolicy, type RuleGroup } from '../rule.js';

/** cloud-init can open at first boot what the image has closed. */
export const cloudPasswordRules: RuleGroup = {
  checks: [
    {
      id: 'SSH-007',
      title: 'cloud-init does not turn passwords on again',
      why: 'ssh_pwauth writes 50-cloud-init.conf at first boot; a password in the configuration is the same on every instance.',
      source: 'AWS Marketplace AMI policy',
      remedy:
        'ssh_pwauth: false in /etc/cloud/cloud.cfg.d; remove password, chpasswd and passwd keys, and 50-cloud-init.conf.',
      policies: inEveryPolicy,
      severity: 'high',
    },
  ],
  evaluate: findCloudPasswordFaults,
};

const PASSWORD_KEYS = ['password', 'chpasswd', 'passwd', 'hashed_passwd', 'plain_text_passwd'];

async function* findCloudPasswordFaults(context: RuleContext): AsyncIterable<Fault> {
  const { files, merged } = await context.cloud();
  if (isTrue(merged['ssh_pwauth'])) {
    const path = files.findLast((file) => 'ssh_pwauth' in file.content)?.path;
    yield { check: 'SSH-007', path, message: 'ssh_pwauth is true: cloud-init turns password logins on at first boot' };
  }
  for (const { path, content } of files) {
    const users = [content['users'], findCloudValue(content, 'system_info', 'default_user')].flat();
    for (const place of [content, ...users.filter(isMapping)]) {
      for (const key of PASSWORD_KEYS.filter((each) => isSecret(place, each))) {
        yield { check: 'SSH-007', path, message: `${key}: cloud-init sets a password that every instance shares` };
      }
    }
  }
  const leftover = '/etc/ssh/sshd_config.d/50-cloud-init.conf';
  const setting = findLine((await context.readText(leftover)) ?? '', /^\s*PasswordAuthentication[\s=]+"?yes/i);
  if (setting) {
    const message = 'A build run of cloud-init left password logins turned on';
    yield { check: 'SSH-007', path: leftover, line: setting.line, message };
  }
}

function isTrue(value: unknown): boolean {
  return value === true || value === 1 || /^(?:true|1|on|yes)$/i.test(String(value));
}

/** `chpasswd: { expire: false }` and `RANDOM` alone set nothing that is known before. */
function isSecret(place: Readonly<Record<string, unknown>>, key: string): boolean {
  const value = place[key];
  if (value === undefined || value === '' || value === false) return false;
  if (key === 'chpasswd') return isMapping(value) && (value['list'] !== undefined || value['users'] !== undefined);
  return typeof value === 'string' && !/^(?:R|RANDOM|[!*]+)$/.test(value);
}
