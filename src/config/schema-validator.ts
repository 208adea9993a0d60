/** What the validators in generated/ look like: ajv's, with `verbose` errors. */
export interface SchemaValidator {
  /** True if `value` fits. Fills defaults into `value`. */
  (value: unknown): boolean;
  errors?: readonly SchemaError[] | null;
}

/** One mistake as ajv reports it. */
export interface SchemaError {
  /** JSON pointer to the value: `/images/web/builder`. */
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Set when it is the name of a property that does not fit. */
  readonly propertyName?: string;
  readonly parentSchema?: Readonly<Record<string, unknown>>;
  readonly data?: unknown;
}
