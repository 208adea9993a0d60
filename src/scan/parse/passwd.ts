export interface PasswdEntry {
  readonly name: string;
  readonly password: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
  /** From 1. */
  readonly line: number;
}

/** Entries of /etc/passwd. Lines with fewer than four fields or a uid that is no number are left out, as glibc does. */
export function parsePasswd(text: string): readonly PasswdEntry[] {
  return text.split('\n').flatMap((raw, index) => {
    const [name = '', password = '', uid = '', gid = '', , home = '', shell = ''] = raw.split(':');
    if (name === '' || name.startsWith('#') || !isId(uid) || !isId(gid)) return [];
    // An empty shell means /bin/sh (passwd(5)): such an account can log in.
    const effectiveShell = shell.trim() === '' ? '/bin/sh' : shell.trim();
    return [{ name, password, uid: Number(uid), gid: Number(gid), home, shell: effectiveShell, line: index + 1 }];
  });
}

/** Whether an account with this shell gets a session: everything but nologin, false and their like. */
export function isLoginShell(shell: string): boolean {
  return !/(?:^|\/)(?:nologin|false|true|sync|halt|shutdown|git-shell)$/.test(shell);
}

function isId(text: string): boolean {
  return /^\d{1,10}$/.test(text);
}
