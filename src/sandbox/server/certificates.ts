// A CA of the sandbox's own and, below it, a certificate per AWS host name that a client asks for. Made with the openssl
// program: node can use certificates but not make them.

import { execFile } from 'node:child_process';
import { access, chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import { promisify } from 'node:util';
import { createError } from '../../errors.js';
import { ensurePrivateFolder } from '../../private-folder.js';

export interface CertificateAuthority {
  readonly caFile: string;
  /** The context for one host name; made the first time, kept afterwards. */
  getContext(host: string): Promise<SecureContext>;
}

// Region, service and bucket names are all of this form. Other hosts are never impersonated.
const AWS_HOST = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.){1,6}amazonaws\.com(\.cn)?$/;
const MAX_HOSTS = 500;
const OPENSSL_TIMEOUT_MS = 30_000;
const CA_DAYS = 3650;
// Go and browsers refuse leaves of more than 825 days under some roots; a year is enough for a sandbox.
const LEAF_DAYS = 365;
const RENEW_BEFORE_SECONDS = 7 * 24 * 3600;

/** Whether a host is one of AWS's API hosts, which the proxy stands in for. */
export function isAwsHost(host: string): boolean {
  return host.length <= 253 && AWS_HOST.test(host);
}

/** Opens the CA kept in `directory`, or makes it. Keys are readable by their owner only. */
export async function openCertificateAuthority(directory: string): Promise<CertificateAuthority> {
  ensurePrivateFolder(directory);
  const ca = { certificate: join(directory, 'ca.pem'), key: join(directory, 'ca.key') };
  if (!(await isUsable(ca.certificate, ca.key))) await createCa(ca);
  const contexts = new Map<string, Promise<SecureContext>>();
  return {
    caFile: ca.certificate,
    getContext(host) {
      if (!isAwsHost(host) || (contexts.size >= MAX_HOSTS && !contexts.has(host))) {
        return Promise.reject(new Error(`no certificate for ${host}`));
      }
      const context = contexts.get(host) ?? openLeaf(directory, ca, host);
      contexts.set(host, context);
      // A failure, for example of a full disk, is not kept.
      context.catch(() => contexts.delete(host));
      return context;
    },
  };
}

interface KeyedCertificate {
  readonly certificate: string;
  readonly key: string;
}

async function createCa(ca: KeyedCertificate): Promise<void> {
  await createCertificate(ca, [
    '-days',
    String(CA_DAYS),
    '-subj',
    '/O=buildimg sandbox/CN=buildimg sandbox CA',
    '-addext',
    'basicConstraints=critical,CA:TRUE,pathlen:0',
    '-addext',
    'keyUsage=critical,keyCertSign,cRLSign',
  ]);
}

async function openLeaf(directory: string, ca: KeyedCertificate, host: string): Promise<SecureContext> {
  const leaf = { certificate: join(directory, `${host}.pem`), key: join(directory, `${host}.key`) };
  if (!(await isUsable(leaf.certificate, leaf.key, ca.certificate))) {
    await createCertificate(leaf, [
      '-CA',
      ca.certificate,
      '-CAkey',
      ca.key,
      '-days',
      String(LEAF_DAYS),
      // The common name is limited to 64 characters, and nobody reads it: names are in subjectAltName.
      '-subj',
      '/O=buildimg sandbox/CN=sandbox endpoint',
      '-addext',
      `subjectAltName=DNS:${host}`,
      '-addext',
      'basicConstraints=critical,CA:FALSE',
      '-addext',
      'extendedKeyUsage=serverAuth',
    ]);
  }
  const [cert, key] = await Promise.all([readFile(leaf.certificate), readFile(leaf.key)]);
  return createSecureContext({ cert, key });
}

async function createCertificate(target: KeyedCertificate, options: readonly string[]): Promise<void> {
  await runOpenssl([
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-sha256',
    '-keyout',
    target.key,
    '-out',
    target.certificate,
    ...options,
  ]);
  await chmod(target.key, 0o600);
}

/** Whether the files are there, not about to expire and, for a leaf, signed by the CA that is there now. */
async function isUsable(certificate: string, key: string, ca?: string): Promise<boolean> {
  try {
    await Promise.all([access(certificate), access(key)]);
    await runOpenssl(['x509', '-in', certificate, '-noout', '-checkend', String(RENEW_BEFORE_SECONDS)]);
    if (ca !== undefined) await runOpenssl(['verify', '-CAfile', ca, certificate]);
    return true;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'SANDBOX_OPENSSL_MISSING') throw error;
    return false;
  }
}

async function runOpenssl(options: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)('openssl', options, { timeout: OPENSSL_TIMEOUT_MS });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw createError('SANDBOX_OPENSSL_MISSING', [], { cause: error });
    throw error;
  }
}
