/** A file of a rendered folder. Rendering only returns these; writing them is done elsewhere. */
export interface RenderedFile {
  /** POSIX path relative to the rendered folder; never absolute, never `..`. */
  readonly path: string;
  readonly mode: number;
  readonly content: { readonly text: string } | { readonly copyOf: string };
}
