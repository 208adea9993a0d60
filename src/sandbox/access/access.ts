export interface ServiceCall {
  readonly service: string;
  /** `RunInstances`. */
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** One permission that a call takes; a call may take several. */
export interface Access {
  /** `ec2:RunInstances`. */
  readonly action: string;
  /** ARN, or `*` for actions that know no resources. */
  readonly resource: string;
  /** Condition keys; a key that is not here is absent from the request. */
  readonly keys: ConditionKeys;
}

export type ConditionKeys = Readonly<Record<string, string | readonly string[] | undefined>>;

/** An access that names no action takes that of the call. */
export type NamedAccess = Pick<Access, 'resource' | 'keys'> & Partial<Pick<Access, 'action'>>;

/** Tags as condition keys under each of the names that a service has for them. */
export function tagKeys(names: readonly string[], tags: Readonly<Record<string, string>> = {}): ConditionKeys {
  return Object.fromEntries(
    names.flatMap((name) => Object.entries(tags).map(([key, value]) => [`${name}/${key}`, value] as const)),
  );
}
