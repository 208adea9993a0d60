export type PasswordState = 'empty' | 'usable' | 'locked-hash' | 'locked';

export interface ShadowEntry {
  readonly name: string;
  readonly password: string;
  readonly state: PasswordState;
  /** From 1. */
  readonly line: number;
}

/** Entries of /etc/shadow or /etc/gshadow, or of a backup of them. */
export function parseShadow(text: string): readonly ShadowEntry[] {
  return text.split('\n').flatMap((raw, index) => {
    const [name = '', password] = raw.split(':');
    if (name === '' || name.startsWith('#') || password === undefined) return [];
    return [{ name, password, state: classifyPassword(password), line: index + 1 }];
  });
}

/**
 * What a password field means. `locked-hash` is what `passwd -l` leaves: nobody can log in, but the hash is still there
 * to be cracked, and `passwd -u` brings the password back.
 */
export function classifyPassword(field: string): PasswordState {
  if (field === '') return 'empty';
  const bare = field.replace(/^[!*]+/, '');
  if (!isHash(bare)) return 'locked';
  return bare === field ? 'usable' : 'locked-hash';
}

/** crypt(5): modular formats, BSDi extended DES, traditional DES. */
function isHash(text: string): boolean {
  return /^\$[0-9a-z]+[$,]/i.test(text) || /^_[./0-9A-Za-z]{19}$/.test(text) || /^[./0-9A-Za-z]{13}$/.test(text);
}
