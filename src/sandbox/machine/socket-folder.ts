// A unix socket's address holds 107 bytes at most, and a state folder may lie deep. Through an open folder's descriptor
// every socket in it has a short name.

import { closeSync, constants, openSync } from 'node:fs';

export interface SocketFolder {
  /** A name for a file of the folder that is valid in this process until close. */
  resolve(name: string): string;
  close(): void;
}

export function openSocketFolder(folder: string): SocketFolder {
  const descriptor = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  let isOpen = true;
  return {
    resolve: (name) => `/proc/self/fd/${descriptor}/${name}`,
    close: () => {
      if (isOpen) closeSync(descriptor);
      isOpen = false;
    },
  };
}
