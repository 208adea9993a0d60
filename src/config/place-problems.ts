import { makeTextMap } from './code-frame.js';
import { formatPath } from './config-path.js';
import type { ConfigSource } from './config-source.js';
import { createMask } from './mask-secrets.js';
import { toPrintable } from './printable.js';
import type { Problem, ProblemDraft } from './problem.js';

export interface PlaceRequest {
  /** As it shall be shown. */
  readonly file: string;
  readonly source: Pick<ConfigSource, 'text' | 'locate'>;
  readonly secrets: readonly string[];
}

/** Looks up where each problem stands in the text; sorted by that, without repetitions, secrets masked. */
export function placeProblems(
  drafts: readonly ProblemDraft[],
  { file, source, secrets }: PlaceRequest,
): readonly Problem[] {
  const text = makeTextMap(source.text);
  const mask = createMask(secrets);
  const problems = drafts.map(({ code, place, message, hint }): Problem => {
    const span = 'span' in place ? place.span : source.locate(place.path, place.target ?? 'value');
    const prefix = 'path' in place && place.path.length > 0 ? `${formatPath(place.path)}: ` : '';
    return {
      file,
      ...text.positionOf(span.start),
      code,
      message: toPrintable(
        mask(prefix === '' ? message : `${prefix}${message.replace(/^[A-Z](?=[a-z]*[\s,])/, toLowerCase)}`),
      ),
      ...(hint && { hint: toPrintable(mask(hint)) }),
      // Drawn without unprintable characters; its line break is its own.
      frame: mask(text.frameOf(span)),
    };
  });
  const unique = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...unique.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}

function toLowerCase(letter: string): string {
  return letter.toLowerCase();
}
