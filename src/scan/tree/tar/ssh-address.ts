import { createError } from '../../../errors.js';

export interface SshAddress {
  readonly user?: string;
  readonly host: string;
  readonly port?: number;
}

// Neither may start with a dash, or ssh would take it for an option (CVE-2017-1000117 and its kin).
const USER = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;
const HOST = /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_.])?|[0-9A-Fa-f:]+(?:%[A-Za-z0-9]+)?)$/;

/** `ssh://user@host[:port]`, with an IPv6 host in brackets. Errors: SCAN_SSH_ADDRESS. */
export function parseSshAddress(target: string): SshAddress {
  const fail = (problem: string) => createError('SCAN_SSH_ADDRESS', [target, problem]);
  const match = /^ssh:\/\/(?:([^@/]*)@)?(?:\[([^\]/]*)\]|([^:/@[\]]*))(?::(\d*))?\/?$/.exec(target);
  if (match === null) throw fail('it is not ssh://user@host');
  const [, user, bracketed, plain = '', portText] = match;
  const host = bracketed ?? plain;
  if (user?.includes(':') === true) throw fail('a password does not belong into it');
  if (user !== undefined && !USER.test(user)) throw fail(`"${user}" is no user name`);
  if (!HOST.test(host)) throw fail(`"${host}" is no host name`);
  const port = portText === undefined ? undefined : Number(portText);
  if (port !== undefined && (port < 1 || port > 65535)) throw fail(`"${portText}" is no port`);
  return { host, ...(user === undefined ? {} : { user }), ...(port === undefined ? {} : { port }) };
}
