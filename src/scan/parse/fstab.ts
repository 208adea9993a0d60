import { listLines } from './lines.js';

export interface Mount {
  readonly device: string;
  readonly mountPoint: string;
  readonly type: string;
  readonly options: readonly string[];
  /** From 1. */
  readonly line: number;
}

/** Entries of /etc/fstab. */
export function parseFstab(text: string): readonly Mount[] {
  return [...listLines(text)].flatMap(({ text: content, line }) => {
    const [device = '', mountPoint = '', type = '', options = 'defaults'] = content.split(/\s+/);
    return type === '' ? [] : [{ device, mountPoint, type, options: options.split(','), line }];
  });
}
