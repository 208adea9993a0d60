/** A parsed scalar as text; templates often write booleans and numbers as strings. */
export function toText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
