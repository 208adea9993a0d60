// Just enough of SQLite's file format (https://www.sqlite.org/fileformat2.html) to read all rows of a table: rpm keeps
// its database in it. Read-only, without indexes. A write-ahead log beside the file is not looked at: rpm empties it.

export type SqliteValue = number | Buffer | undefined;

/** No real database nests deeper. */
const MAX_DEPTH = 20;
/** What the format allows at least, without the bytes kept for extensions. */
const MIN_USABLE_BYTES = 480;
const TABLE_INTERIOR = 0x05;
const TABLE_LEAF = 0x0d;
const MAGIC = 'SQLite format 3\0';

/**
 * The rows of a table, in the order of their row ids; text comes as a Buffer. undefined where there is no such table.
 * Errors: RangeError or Error where the file is damaged or no SQLite database.
 */
export function readSqliteTable(file: Buffer, table: string): Iterable<readonly SqliteValue[]> | undefined {
  if (file.toString('latin1', 0, MAGIC.length) !== MAGIC) throw new Error('this is no SQLite database');
  const size = file.readUInt16BE(16);
  const pageSize = size === 1 ? 65_536 : size;
  const usableSize = pageSize - file.readUInt8(20);
  if (usableSize < MIN_USABLE_BYTES) throw new Error(`its pages have ${pageSize} bytes`);
  const database: Database = { file, pageSize, usableSize, walked: new Set(), payloadLeft: file.length };
  // The columns of the schema: type, name, tbl_name, rootpage, sql.
  for (const [type, name, , root] of readPage(database, { number: 1, depth: 0 })) {
    if (String(type) === 'table' && String(name) === table && typeof root === 'number') {
      return readPage(database, { number: root, depth: 0 });
    }
  }
  return undefined;
}

interface Database {
  readonly file: Buffer;
  readonly pageSize: number;
  /** Without the bytes at the end of each page that are kept for extensions. */
  readonly usableSize: number;
  // The two that end the reading of a damaged database: in a sound one no page is in two places, and no byte in two rows.
  readonly walked: Set<number>;
  payloadLeft: number;
}

function* readPage(
  database: Database,
  { number, depth }: { readonly number: number; readonly depth: number },
): Iterable<readonly SqliteValue[]> {
  if (depth > MAX_DEPTH) throw new Error('its pages are nested too deep');
  if (database.walked.has(number)) throw new Error(`page ${number} is in two places`);
  database.walked.add(number);
  const page = getPage(database, number);
  // The first page begins with the header of the file.
  const header = number === 1 ? 100 : 0;
  const type = page.readUInt8(header);
  if (type !== TABLE_LEAF && type !== TABLE_INTERIOR) throw new Error(`page ${number} is no page of a table`);
  const cells = page.readUInt16BE(header + 3);
  const pointers = header + (type === TABLE_LEAF ? 8 : 12);
  for (let cell = 0; cell < cells; cell += 1) {
    const offset = page.readUInt16BE(pointers + cell * 2);
    if (type === TABLE_LEAF) yield readRow(database, { page, offset });
    else yield* readPage(database, { number: page.readUInt32BE(offset), depth: depth + 1 });
  }
  if (type === TABLE_INTERIOR) yield* readPage(database, { number: page.readUInt32BE(header + 8), depth: depth + 1 });
}

function getPage({ file, pageSize }: Database, number: number): Buffer {
  const page = file.subarray((number - 1) * pageSize, number * pageSize);
  if (number < 1 || page.length < pageSize) throw new Error(`page ${number} is missing`);
  return page;
}

function readRow(
  database: Database,
  { page, offset }: { readonly page: Buffer; readonly offset: number },
): readonly SqliteValue[] {
  const length = readVarint(page, offset);
  const rowId = readVarint(page, length.end);
  const payload = readPayload(database, { page, start: rowId.end, length: length.value });
  return readRecord(payload);
}

/** The part on the page, then the chain of overflow pages; the formula is that of the file format. */
function readPayload(
  database: Database,
  { page, start, length }: { readonly page: Buffer; readonly start: number; readonly length: number },
): Buffer {
  const { usableSize } = database;
  const most = usableSize - 35;
  database.payloadLeft -= length;
  if (database.payloadLeft < 0) throw new Error('its rows are longer than the file');
  if (length <= most) return page.subarray(start, start + length);
  const least = Math.floor(((usableSize - 12) * 32) / 255) - 23;
  const rest = least + ((length - least) % (usableSize - 4));
  const local = rest <= most ? rest : least;
  const parts = [page.subarray(start, start + local)];
  let next = page.readUInt32BE(start + local);
  for (let left = length - local; left > 0; ) {
    const overflow = getPage(database, next);
    const part = overflow.subarray(4, 4 + Math.min(left, usableSize - 4));
    parts.push(part);
    left -= part.length;
    next = overflow.readUInt32BE(0);
  }
  return Buffer.concat(parts, length);
}

function readRecord(payload: Buffer): readonly SqliteValue[] {
  const header = readVarint(payload, 0);
  const values: SqliteValue[] = [];
  let body = header.value;
  for (let at = header.end; at < header.value; ) {
    const type = readVarint(payload, at);
    const size = sizeOf(type.value);
    values.push(readValue(payload, { type: type.value, start: body, size }));
    body += size;
    at = type.end;
  }
  return values;
}

function sizeOf(type: number): number {
  return type >= 12 ? Math.floor((type - 12) / 2) : ([0, 1, 2, 3, 4, 6, 8, 8, 0, 0][type] ?? 0);
}

function readValue(
  payload: Buffer,
  { type, start, size }: { readonly type: number; readonly start: number; readonly size: number },
): SqliteValue {
  if (type >= 12) return payload.subarray(start, start + size);
  if (type === 8 || type === 9) return type - 8;
  if (type === 0 || type === 7) return undefined;
  return size === 8 ? Number(payload.readBigInt64BE(start)) : payload.readIntBE(start, size);
}

/** Seven bits a byte, the ninth byte whole. Values over 2^53 do not occur where we look. */
function readVarint(buffer: Buffer, offset: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let index = 0; index < 8; index += 1) {
    const byte = buffer.readUInt8(offset + index);
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, end: offset + index + 1 };
  }
  return { value: value * 256 + buffer.readUInt8(offset + 8), end: offset + 9 };
}
