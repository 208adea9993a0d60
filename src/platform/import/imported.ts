/** What an import makes of a template: a config as it is written, and the files that go beside it. */
export interface ImportedConfig {
  /** Plain data in the shape of buildimg.yaml. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Path beside the config → where it comes from: a file or folder of the source, or a text. */
  readonly files: ReadonlyMap<string, { readonly copyOf: string } | { readonly text: string }>;
  /** Values that were taken out of the template: to be masked in whatever is shown. */
  readonly secretValues: readonly string[];
  /** What was not carried over, and what a person has to decide. */
  readonly notes: readonly string[];
}

/** Collects files and notes while parts of a template are read. */
export interface ImportDesk {
  readonly files: Map<string, { readonly copyOf: string } | { readonly text: string }>;
  readonly notes: string[];
  /** Name of a secret variable of the config → the value that the template had in its place. */
  readonly secrets: Map<string, string>;
  /** Names of the template's own variables. */
  readonly variableNames: ReadonlySet<string>;
  /** Whether a path of the source is a folder; undefined when it is not there. */
  readonly isFolder: (path: string) => boolean | undefined;
  /** Paths of the regular files below a path of the source, and of what else is there. */
  readonly listFiles: (path: string) => { readonly files: readonly string[]; readonly refused: readonly string[] };
}
