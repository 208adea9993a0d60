// Folders with keys, credentials, journals and disks: made for their owner alone, whoever comes first and under whatever umask,
// and looked at before they are used. Who can write to one decides what is believed and whom a login goes to.
import { chmodSync, lstatSync, mkdirSync, readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { geteuid } from 'node:process';
import { createError } from './errors.js';

/**
 * Makes `folder` and those of `below` in it, one in the other, each with mode 0700; ones that are there are closed to others.
 * Returns the innermost. Errors: FOLDER_NOT_OURS when one belongs to another user or holds what another user has put there; those
 * of mkdir.
 */
export function ensurePrivateFolder(folder: string, ...below: readonly string[]): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  closeFolder(folder);
  const [next, ...rest] = below;
  return next === undefined ? folder : ensurePrivateFolder(join(folder, next), ...rest);
}

/** What is wrong with a folder that is to be private, in words; undefined when nothing is, or when it is not there. */
export function findFolderProblem(folder: string): string | undefined {
  const status = statSync(folder, { throwIfNoEntry: false });
  if (status === undefined) return undefined;
  const stranger = findStranger(folder, status);
  if (stranger !== undefined) return stranger;
  return isOpen(status)
    ? `others may ${canWrite(status) ? 'write to' : 'read'} it (mode ${formatMode(status)})`
    : undefined;
}

/** As ensurePrivateFolder for a folder that is there; nothing is made. */
export function closeFolder(folder: string): void {
  const status = statSync(folder, { throwIfNoEntry: false });
  if (status === undefined) return;
  const stranger = findStranger(folder, status);
  if (stranger !== undefined) throw createError('FOLDER_NOT_OURS', [folder, stranger]);
  if (isOpen(status)) chmodSync(folder, 0o700);
}

function findStranger(folder: string, status: Stats): string | undefined {
  if (!status.isDirectory()) return 'it is no folder';
  const own = geteuid?.();
  if (own === undefined) return undefined;
  if (status.uid !== own) return `it belongs to user ${status.uid}`;
  // Whoever can make a link at this place can point it anywhere.
  const { uid } = lstatSync(folder);
  if (uid !== own && uid !== 0) return `user ${uid} has made a link of it`;
  if (!canWrite(status)) return undefined;
  const planted = readdirSync(folder).find((name) => lstatSync(join(folder, name)).uid !== own);
  return planted === undefined ? undefined : `others may write to it, and ${planted} in it is not of this user`;
}

function isOpen({ mode }: Stats): boolean {
  return (mode & 0o077) !== 0;
}

function canWrite({ mode }: Stats): boolean {
  return (mode & 0o022) !== 0;
}

function formatMode({ mode }: Stats): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}
