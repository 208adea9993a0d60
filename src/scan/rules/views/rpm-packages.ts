import { parseRpmHeader, type RpmPackage } from '../../parse/rpm-header.js';
import { readSqliteTable } from '../../parse/sqlite-table.js';
import type { RuleContext } from '../context.js';

const DATABASES = ['/var/lib/rpm/rpmdb.sqlite', '/usr/lib/sysimage/rpm/rpmdb.sqlite'];
/** Amazon Linux 2023 has 15 MB, a workstation 150. */
const MAX_DATABASE_BYTES = 256 * 1024 * 1024;

/**
 * Installed packages of an rpm database in SQLite (Amazon Linux 2023, Enterprise Linux 9, Fedora); undefined where there
 * is none, or one in an older format. A damaged one is a gap, and counts as none.
 */
export async function readRpmDatabase(context: RuleContext): Promise<readonly RpmPackage[] | undefined> {
  const entry = DATABASES.map((path) => context.tree.resolve(path)).find((each) => each?.type === 'file');
  if (!entry) return undefined;
  try {
    const rows = readSqliteTable(await context.tree.read(entry, MAX_DATABASE_BYTES), 'Packages');
    return rows && [...rows].flatMap(([, blob]) => (Buffer.isBuffer(blob) ? [parseRpmHeader(blob)] : []));
  } catch (cause) {
    context.signal?.throwIfAborted();
    context.reportGap(
      entry.path,
      `the rpm database cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    );
    return undefined;
  }
}
