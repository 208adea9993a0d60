/** A secret as a report may show it: where it begins and how long it is, never enough to use it. */
export function maskSecret(secret: string): string {
  const shown = secret.length >= 12 ? secret.slice(0, 4) : '';
  return `${shown}… (${secret.length} characters)`;
}
