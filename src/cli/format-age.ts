const HOUR_MS = 3_600_000;

/** `5 h`, `12 d`; two days are the first to be counted in days. */
export function formatAge(ms: number): string {
  const hours = Math.max(0, Math.floor(ms / HOUR_MS));
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}
