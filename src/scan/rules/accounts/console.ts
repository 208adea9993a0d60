import { findLine } from '../../parse/lines.js';
import type { RuleContext } from '../context.js';
import { expandGlob } from '../glob.js';
import { type Fault, inEveryPolicy, type RuleGroup } from '../rule.js';

/** Ways in at the console. */
export const consoleRules: RuleGroup = {
  checks: [
    {
      id: 'ACC-014',
      title: 'The console does not log anybody in by itself',
      why: 'The EC2 serial console and a snapshot booted elsewhere lead straight to a shell.',
      source: 'buildimg',
      remedy: 'Remove the --autologin drop-in; systemctl mask debug-shell.service.',
      policies: inEveryPolicy,
      severity: 'high',
    },
  ],
  evaluate: findConsoleFaults,
};

const AUTOMATIC_LOGIN = /^ExecStart=(?=.*agetty).*(?:\s--autologin\b|\s-a\s)/;

async function* findConsoleFaults(context: RuleContext): AsyncIterable<Fault> {
  const units = await context.units();
  if (units.isEnabled('debug-shell.service')) {
    const path = '/etc/systemd/system/sysinit.target.wants/debug-shell.service';
    yield { check: 'ACC-014', path, message: 'debug-shell.service is enabled: a root shell on tty9 without a login' };
  }
  const patterns = [
    '/etc/systemd/system/{getty,serial-getty,console-getty,autovt}*.service.d/*.conf',
    '/etc/systemd/system/*getty*.service',
  ];
  for (const entry of patterns.flatMap((pattern) => expandGlob(context.tree, pattern))) {
    const login = findLine((await context.readText(entry.path)) ?? '', AUTOMATIC_LOGIN);
    if (login) {
      const message = `${entry.path} logs a user in at the console`;
      yield { check: 'ACC-014', path: entry.path, line: login.line, message };
    }
  }
}
