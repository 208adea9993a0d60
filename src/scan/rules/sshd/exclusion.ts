import { matchesPatternList } from '../../parse/sshd-effective.js';
import type { RuleContext } from '../context.js';
import type { Fault } from '../rule.js';

/** Why sshd turns this user away although the key is right; undefined where it does not. */
export async function explainExclusion(context: RuleContext, name: string): Promise<Omit<Fault, 'check'> | undefined> {
  const sshd = await context.sshd();
  if (!sshd) return undefined;
  const subject = await sshd.subject(name);
  // cloud-init puts the default user into its groups when it creates it; until then /etc/group does not say.
  const isCreated = (await context.accounts()).findUser(name) !== undefined;
  for (const keyword of ['denyusers', 'allowusers', 'denygroups', 'allowgroups']) {
    const found = sshd.find(keyword, subject);
    if (!found?.from) continue;
    const names = keyword.endsWith('users') ? [name] : [...subject.groups, name];
    if (keyword.endsWith('groups') && !isCreated && keyword.startsWith('allow')) continue;
    const patterns = found.value.split(' ').map((pattern) => pattern.replace(/@.*/, ''));
    const isListed = names.some((each) => matchesPatternList(each, patterns.join(',')));
    if (isListed === keyword.startsWith('allow')) continue;
    const { file, line, values } = found.from;
    const message = `${keyword} ${values.join(' ')} keeps the default user ${name} out`;
    return { path: file, line, message };
  }
  return undefined;
}
