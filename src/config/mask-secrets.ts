/** Stands for a secret. */
const MASK = '***';

/** Shorter ones would blank out half of every sentence; their values are not shown in the first place. */
const MIN_MASKED_LENGTH = 4;

/** `text` without any of `secrets`, be they as they are, escaped as in JSON, or a line of a longer one. */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  const forms = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), ...secret.split('\n')]);
  const longestFirst = forms.filter((form) => form.length >= MIN_MASKED_LENGTH).sort((a, b) => b.length - a.length);
  return longestFirst.reduce((masked, form) => masked.replaceAll(form, MASK), text);
}
