export interface GroupEntry {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
  /** From 1. */
  readonly line: number;
}

/** Entries of /etc/group. */
export function parseGroup(text: string): readonly GroupEntry[] {
  return text.split('\n').flatMap((raw, index) => {
    const [name = '', , gid = '', members = ''] = raw.split(':');
    if (name === '' || name.startsWith('#') || !/^\d{1,10}$/.test(gid)) return [];
    const names = members.split(',').map((member) => member.trim());
    return [{ name, gid: Number(gid), members: names.filter((member) => member !== ''), line: index + 1 }];
  });
}
