/** What an import makes of a template: a config as it is written, and the files that go beside it. */
export interface ImportedConfig {
  /** Plain data in the shape of buildimg.yaml. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Path beside the config → where it comes from: a file or folder of the source, or a text. */
  readonly files: ReadonlyMap<string, { readonly copyOf: string } | { readonly text: string }>;
  /** What was not carried over, and what a person has to decide. */
  readonly notes: readonly string[];
}

/** Collects files and notes while parts of a template are read. */
export interface ImportDesk {
  readonly files: Map<string, { readonly copyOf: string } | { readonly text: string }>;
  readonly notes: string[];
  /** Whether a path of the source is a folder; undefined when it is not there. */
  readonly isFolder: (path: string) => boolean | undefined;
}
