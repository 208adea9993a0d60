/** Last day of free security support, from the vendors' pages. Amazon Linux 2 ended in 2026. */
export interface SupportedUntil {
  readonly id: string;
  /** Start of VERSION_ID that the row is for. */
  readonly version: string;
  readonly date: string;
}

const endOfLife: readonly SupportedUntil[] = [
  { id: 'amzn', version: '2018', date: '2023-12-31' },
  { id: 'amzn', version: '2023', date: '2029-06-30' },
  { id: 'amzn', version: '2', date: '2026-06-30' },
  { id: 'debian', version: '9', date: '2022-06-30' },
  { id: 'debian', version: '10', date: '2024-06-30' },
  { id: 'debian', version: '11', date: '2026-08-31' },
  { id: 'debian', version: '12', date: '2028-06-30' },
  { id: 'debian', version: '13', date: '2030-06-30' },
  { id: 'ubuntu', version: '16.04', date: '2021-04-30' },
  { id: 'ubuntu', version: '18.04', date: '2023-05-31' },
  { id: 'ubuntu', version: '20.04', date: '2025-05-31' },
  { id: 'ubuntu', version: '22.04', date: '2027-04-30' },
  { id: 'ubuntu', version: '24.04', date: '2029-04-30' },
  { id: 'ubuntu', version: '26.04', date: '2031-04-30' },
  { id: 'centos', version: '6', date: '2020-11-30' },
  { id: 'centos', version: '7', date: '2024-06-30' },
  { id: 'centos', version: '8', date: '2021-12-31' },
  { id: 'centos', version: '9', date: '2027-05-31' },
  { id: 'centos', version: '10', date: '2030-05-31' },
  ...['rhel', 'almalinux', 'rocky', 'ol'].flatMap((id) => [
    { id, version: '7', date: '2024-06-30' },
    { id, version: '8', date: '2029-05-31' },
    { id, version: '9', date: '2032-05-31' },
    { id, version: '10', date: '2035-05-31' },
  ]),
];

/** The row for a system; undefined where the table does not know it. */
export function findEndOfLife(id: string, versionId: string): SupportedUntil | undefined {
  return endOfLife.find(
    (row) => row.id === id && (versionId === row.version || versionId.startsWith(`${row.version}.`)),
  );
}
