// Which Debian mirror this host fetches from. Guests keep deb.debian.org; only the making of a base image uses it.

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

const DEFAULT_MIRROR = 'http://deb.debian.org/debian';
const DEFAULT_SECURITY_MIRROR = 'http://deb.debian.org/debian-security';

/** One-line apt sources for a suite, over the mirrors found below `aptFolder` (/etc/apt). */
export async function findHostSources(suite: string, aptFolder = '/etc/apt'): Promise<readonly string[]> {
  const addresses = (await readAptFiles(aptFolder)).flatMap(parseAddresses);
  const mirror = addresses.find((address) => /\/debian\/?$/.test(address)) ?? DEFAULT_MIRROR;
  const security = addresses.find((address) => /\/debian-security\/?$/.test(address)) ?? DEFAULT_SECURITY_MIRROR;
  return [
    `deb ${mirror} ${suite} main`,
    `deb ${mirror} ${suite}-updates main`,
    `deb ${security} ${suite}-security main`,
  ];
}

/** The addresses in an apt source file of either format. */
export function parseAddresses(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => /^(deb\s|URIs:)/.test(line))
    .flatMap((line) => line.match(/\bhttps?:\/\/\S+/g) ?? []);
}

async function readAptFiles(folder: string): Promise<readonly string[]> {
  const parts = await readdir(path.join(folder, 'sources.list.d')).catch(() => []);
  const files = ['sources.list', ...parts.map((part) => path.join('sources.list.d', part))];
  return Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8').catch(() => '')));
}
