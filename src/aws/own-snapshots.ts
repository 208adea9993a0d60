// Whose a snapshot is, by its description: EC2 writes it, and a copy of the snapshot gets another one.

/** The image that a snapshot was made for, by CreateImage or CopyImage; undefined for any other snapshot. */
export function imageOfSnapshot(description: string): string | undefined {
  const [, created, copied] =
    /^(?:Created by CreateImage\(i-\w+\) for (ami-\w+)|Copied for DestinationAmi (ami-\w+) )/.exec(`${description} `) ??
    [];
  return created ?? copied;
}

/** The instance that CreateImage made a snapshot of. */
export function instanceOfSnapshot(description: string): string | undefined {
  return /^Created by CreateImage\((i-\w+)\)/.exec(description)?.[1];
}

/** Description of the snapshot that a disk image is uploaded to. */
export function describeUpload(name: string): string {
  return `Disk of ${name}, uploaded by buildimg`;
}
