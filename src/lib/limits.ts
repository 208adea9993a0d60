// How much of what others wrote is read into memory at once, or followed. docs/limits.md lists them, and a test holds
// that list to this table.

const KIB = 1024;
const MIB = 1024 * KIB;

export const limits = {
  /** Levels of lists and mappings in YAML and JSON; no config needs more than ten. */
  yamlDepth: 64,
  /** Aliases in a YAML text. */
  yamlAliases: 10_000,
  /** Values that its aliases stand for together. */
  yamlAliasedValues: 250_000,
  /** Levels of the syntax tree of HCL; a list in a list takes four. */
  hclTreeDepth: 512,
  /** Bytes of one text of a platform archive that is looked into. */
  archiveTextBytes: MIB,
  /** Bytes of a zip file of a platform; the EB CLI's limit, which is that of the service. */
  archiveBytes: 512 * MIB,
  /** Bytes that a zip file may unpack to. */
  archiveUnpackedBytes: 4096 * MIB,
  archiveEntries: 10_000,
  /** Bytes of a file of waivers. */
  waiversBytes: 4 * MIB,
  /** Bytes of the serial console of a sandbox machine that are kept. */
  consoleBytes: 16 * MIB,
  /** Bytes of a cluster of a qcow2, packed or not; QEMU's own limit. */
  qcow2ClusterBytes: 2 * MIB,
} as const;
