/** Whether `error` is one of Node's, with this code. Not by instanceof: an error may come from another realm. */
export function hasErrorCode(error: unknown, ...codes: readonly string[]): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code));
}
