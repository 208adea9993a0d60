import type { RuleContext } from '../context.js';
import { type Leftover, listLeftovers } from '../leftovers.js';
import { type Fault, inEveryPolicy, type RuleGroup, whenPublished } from '../rule.js';
import { listAuthorizedKeyFiles } from './authorized-key-files.js';

/** Keys that open the image, and what .ssh folders tell about where it was built. */
export const loginKeyRules: RuleGroup = {
  checks: [
    {
      id: 'KEY-001',
      title: 'No authorized_keys of any user',
      why: 'Whoever holds the private half enters every instance of every customer. Packer does not remove its own key.',
      source: 'AWS shared AMI guidelines; AWS Marketplace AMI policy (it refuses such AMIs); virt-sysprep ssh-userdir',
      remedy:
        'shred -u the file, in every home of /etc/passwd and not in /root and /home only, as the last step of the build.',
      policies: inEveryPolicy,
      severity: 'critical',
      severityIn: { baseline: 'high', 'cis-l1': 'high' },
    },
    {
      id: 'KEY-004',
      title: 'No known_hosts, ssh configuration or agent in homes',
      why: 'They name the machines of the build farm; .ssh/rc and .ssh/environment run or set something at every login.',
      source: 'virt-sysprep ssh-userdir',
      remedy: 'Remove the .ssh folder of every home.',
      policies: whenPublished,
      severity: 'medium',
    },
  ],
  evaluate: findLoginKeyFaults,
};

const LEFTOVERS: readonly Leftover[] = [
  {
    check: 'KEY-004',
    paths: ['~/.ssh/{known_hosts*,config,environment,rc}', '/etc/ssh/ssh_known_hosts'],
    what: 'left over from the build',
  },
  {
    check: 'KEY-004',
    paths: ['~/.ssh/{*.sock,agent*,control-*}'],
    what: 'left over from an agent or a shared connection',
    evenIfEmpty: true,
  },
];

async function* findLoginKeyFaults(context: RuleContext): AsyncIterable<Fault> {
  for (const { path, keys, hasContent } of await listAuthorizedKeyFiles(context)) {
    for (const { type, fingerprint, comment, line } of keys) {
      const from = /^packer_[0-9a-f-]{36}/.test(comment) ? ': the temporary key of a Packer build' : '';
      yield { check: 'KEY-001', path, line, message: `${type} ${fingerprint} ${comment}`.trim() + from };
    }
    if (keys.length === 0 && hasContent) yield { check: 'KEY-001', path, message: `${path} is not empty` };
  }
  yield* listLeftovers(context, LEFTOVERS);
}
