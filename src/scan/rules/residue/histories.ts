import { type Leftover, listLeftovers } from '../leftovers.js';
import { inEveryPolicy, type RuleGroup, whenPublished } from '../rule.js';

const beforeSharing = ['baseline', ...whenPublished] as const;

/** What people and tools left in homes and spools. */
export const historyRules: RuleGroup = {
  checks: [
    {
      id: 'SEAL-001',
      title: 'No histories in homes',
      why: 'Passwords and tokens are typed into shells and clients, and their histories keep them.',
      source: 'AWS shared AMI guidelines; AWS Marketplace; virt-sysprep bash-history',
      remedy:
        'shred -u the file in every home. bash writes it again when an interactive session ends: unset HISTFILE first.',
      policies: inEveryPolicy,
      severity: 'high',
    },
    {
      id: 'SEAL-016',
      title: 'No mail, jobs, crashes or cores',
      why: 'Mail and core files hold what programs had in memory; jobs of the build would run on instances.',
      source: 'virt-sysprep mail-spool, cron-spool, crash-data',
      remedy: 'Remove the files. A crontab that belongs to the product: waive it, or move it to /etc/cron.d.',
      policies: whenPublished,
      severity: 'medium',
    },
    {
      id: 'SEAL-017',
      title: 'No installer logs and answer files',
      why: 'A kickstart or preseed file holds the hash of the root password.',
      source: 'virt-sysprep logfiles, kickstart',
      remedy: 'Remove the file.',
      policies: beforeSharing,
      severity: 'medium',
    },
    {
      id: 'SEAL-020',
      title: 'No leftovers of Packer or Ansible',
      why: 'Uploaded scripts carry variables of the build, secrets among them.',
      source: 'buildimg',
      remedy: 'Remove the file in the last provisioner.',
      policies: inEveryPolicy,
      severity: 'medium',
    },
  ],
  evaluate: (context) => listLeftovers(context, LEFTOVERS),
};

const LEFTOVERS: readonly Leftover[] = [
  {
    check: 'SEAL-001',
    paths: [
      '~/.{*_history,*_hist,history,zhistory,histfile}',
      '~/.mongodb/*history*',
      '~/.bash_sessions/*',
      '~/.zsh_sessions/*',
    ],
    what: 'a history',
  },
  {
    check: 'SEAL-001',
    paths: [
      '~/.local/share/fish/fish_history',
      '~/.local/share/nu/history*',
      '~/.local/state/nvim/shada/*',
      '~/.local/share/powershell/PSReadLine/*',
    ],
    what: 'a history',
  },
  {
    check: 'SEAL-001',
    paths: ['~/.{lesshst,viminfo,wget-hsts,selected_editor,python_history}'],
    what: 'a trace of a session',
  },
  { check: 'SEAL-016', paths: ['/var/mail/*', '/var/spool/mail/*', '~/{mbox,dead.letter}'], what: 'somebody’s mail' },
  {
    check: 'SEAL-016',
    paths: ['/var/spool/cron/crontabs/*', '/var/spool/cron/*', '/var/spool/at/*', '/var/spool/cron/atjobs/*'],
    what: 'a job of a user',
    except: (entry) => entry.path.endsWith('/.SEQ'),
  },
  {
    check: 'SEAL-016',
    paths: [
      '/var/crash/*',
      '/var/lib/systemd/coredump/*',
      '/var/spool/abrt/**',
      '/var/lib/apport/coredump/*',
      '/{,root/,home/*/}core.[0-9]*',
    ],
    what: 'what was left of a crash',
  },
  {
    check: 'SEAL-017',
    paths: ['/root/{anaconda-ks,original-ks,initial-setup-ks}.cfg', '/{,root/}preseed*.cfg', '/root/ks*.cfg'],
    what: 'an answer file of an installer',
  },
  { check: 'SEAL-017', paths: ['/var/log/{anaconda,installer}/**'], what: 'a log of an installer' },
  {
    check: 'SEAL-020',
    paths: ['/tmp/packer-*', '/tmp/script_*.sh', '/var/tmp/packer-*', '~/packer-*', '~/script_*.sh'],
    what: 'left over from Packer',
    evenIfEmpty: true,
  },
  {
    check: 'SEAL-020',
    paths: ['~/.ansible', '/root/ami*', '~/*.pkrvars*', '~/*.auto.pkrvars.*'],
    what: 'left over from a build tool',
    evenIfEmpty: true,
  },
];
