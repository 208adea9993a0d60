/** A name inside the payload: the position in the image's list, and what is safe of the user's own name. */
export function getPayloadName(index: number, name: string): string {
  return `${String(index).padStart(2, '0')}-${keepSafe(name)}`;
}

/** Where the scripts of a built-in provisioner stand inside the payload: one file that unpacks itself and runs them. */
export function getBundlePath(provisioner: string): string {
  return `provisioners/${provisioner}.sh`;
}

/** Payload paths stand in shell commands and in Packer's templates, so they never need quoting in either. */
function keepSafe(name: string): string {
  const safe = name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^[.-]+/, '');
  return safe.slice(-60) || 'item';
}
