// Secrets that are written out in a config, by the rules of the scan. Everybody who reads the repository has them.
import { findSecrets, findSecretsInSetting, type SecretInText } from '../scan/rules/secrets/find-secrets.js';
import type { ValueShower } from './check-shape.js';
import type { PartialConfig } from './config-input.js';
import type { ConfigPath } from './config-path.js';
import { draftProblem, type ProblemDraft } from './problem.js';

export interface SecretLiteral {
  readonly problem: ProblemDraft;
  /** To be masked wherever it would be shown. */
  readonly value: string;
}

/** Every text below `images` and every default of a variable that holds a secret; in environments names count, too. */
export function findSecretLiterals(
  config: PartialConfig,
  { isShowable }: Pick<ValueShower, 'isShowable'>,
): readonly SecretLiteral[] {
  const places = [
    ...listTexts(config.images ?? {}, ['images']),
    ...listTexts(config.variables ?? {}, ['variables']).filter(({ path }) => path.at(-1) === 'default'),
  ];
  return places
    .filter(({ path }) => isShowable(path))
    .flatMap(({ path, text }) => {
      const [secret] = judge(path, text);
      return secret === undefined
        ? []
        : [{ problem: draftProblem('CONFIG_SECRET_LITERAL', { path }, [secret.what, secret.check]), value: text }];
    });
}

function judge(path: ConfigPath, text: string): readonly SecretInText[] {
  const isEnvironment = path.at(-2) === 'environment';
  return isEnvironment ? findSecretsInSetting(String(path.at(-1)), text) : findSecrets(text);
}

function listTexts(value: unknown, path: ConfigPath): readonly { readonly path: ConfigPath; readonly text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (Array.isArray(value)) return value.flatMap((each, index) => listTexts(each, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => listTexts(each, [...path, key]));
}
