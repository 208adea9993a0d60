/** What provisioners/NAME/provisioner.yaml says, as data. */
export interface ProvisionerManifest {
  readonly name: string;
  readonly summary: string;
  readonly position: 'anywhere' | 'last';
  /** `script`: apply.sh and verify.sh of its folder are run. `builtin`: planned by code of its own. */
  readonly kind: 'script' | 'builtin';
  /** JSON Schema of the options: an object, flat, closed. */
  readonly options: OptionsSchema;
}

export interface OptionsSchema {
  readonly type: string;
  readonly additionalProperties: boolean;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, OptionSchema>>;
}

/** `format: path` marks a file or folder of the config: relative to it, inside its folder, and there. */
export interface OptionSchema {
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly items?: OptionSchema;
  readonly [keyword: string]: unknown;
}
