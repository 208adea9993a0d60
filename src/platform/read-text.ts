import { makeTextMap, type TextMap } from '../config/code-frame.js';
import type { ConfigPath } from '../config/config-path.js';
import type { ConfigSource } from '../config/config-source.js';
import type { ErrorCode, MessageValues } from '../errors.js';
import { type ArchiveEntry, MAX_TEXT_BYTES } from './archive.js';
import { makeFinding, type PlatformFinding } from './finding.js';

/** A text of an archive with its parsed value, from which findings know where they are. */
export interface ArchiveText {
  readonly path: string;
  /** Undefined when it could not be understood; `findings` then says why. */
  readonly value: unknown;
  readonly findings: readonly PlatformFinding[];
  /** The words of the text at `place`. */
  wordsAt(place: ConfigPath): string;
  find<C extends ErrorCode>(code: C, place: TextPlace, values: MessageValues<C>): PlatformFinding;
}

export interface TextPlace {
  readonly at: ConfigPath;
  readonly target?: 'key' | 'value';
  readonly severity?: 'warning';
}

/** Reads and parses an entry. `parse` is parseYaml or parseJson; what it finds becomes findings of `syntaxCode`. */
export async function readArchiveText(
  entry: ArchiveEntry,
  parse: (text: string) => ConfigSource,
  syntaxCode: 'PLATFORM_YAML_SYNTAX' | 'PLATFORM_TEMPLATE_SYNTAX' | 'PLATFORM_CONFIG_YML',
): Promise<ArchiveText> {
  const { path } = entry;
  const unreadable = (finding: PlatformFinding): ArchiveText => ({
    path,
    value: undefined,
    findings: [finding],
    wordsAt: () => '',
    find: (code, _place, values) => makeFinding(code, { path }, values),
  });
  if (entry.kind !== 'file') return unreadable(makeFinding('PLATFORM_FILE_IS_FOLDER', { path }, [path]));
  if (entry.sizeBytes > MAX_TEXT_BYTES) {
    return unreadable(makeFinding('PLATFORM_FILE_TOO_LARGE', { path }, [path, MAX_TEXT_BYTES / 1024]));
  }
  const text = (await entry.read(MAX_TEXT_BYTES)).toString('utf8').replace(/^\ufeff/, '');
  const source = parse(text);
  const map = makeTextMap(text);
  return {
    path,
    value: source.value,
    findings: source.problems.map(({ message, hint, place }) => {
      const span = 'span' in place ? place.span : source.locate(place.path, place.target ?? 'value');
      const finding = makeFinding(syntaxCode, { path, ...map.positionOf(span.start) }, [message]);
      return hint === undefined ? finding : { ...finding, hint };
    }),
    wordsAt(place) {
      const { start, end } = source.locate(place, 'value');
      return text.slice(start, end);
    },
    find: (code, place, values) => makeFinding(code, { path, ...locate(source, map, place) }, values),
  };
}

function locate(source: ConfigSource, map: TextMap, { at, target = 'value', severity }: TextPlace) {
  return { ...map.positionOf(source.locate(at, target).start), ...(severity && { severity }) };
}
