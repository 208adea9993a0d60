// What the sandbox does with each member of an action's input. Every action has a table of rows, typed by the SDK's own
// input; a member without a row is refused, so that one that a new SDK brings is never accepted in silence.

/** The handler does what the member says, and so with everything below it. */
export interface Done<Value = unknown> {
  readonly rule: 'done';
  /** Every other value is refused. */
  readonly values?: readonly Value[] | undefined;
  /** Values that are accepted and change nothing, and why. */
  readonly idle?: { readonly values: readonly Value[]; readonly why: string } | undefined;
}

/** Accepted, and changes nothing. docs/sandbox-api.md gives the reason. */
export interface WithoutEffect<Value = unknown> {
  readonly rule: 'without effect';
  readonly why: string;
  /** Every other value is refused. */
  readonly values?: readonly Value[] | undefined;
}

/** Refused in the words of AWS, which does not take it here either; without a row the sandbox's own words are used. */
export interface Refused {
  readonly rule: 'refused';
  readonly code: string;
  readonly message: string;
}

export type Rule = Done | WithoutEffect | Refused;

/** The rows of an action, or of a structure below it. Lists have the rows of their items. */
export interface RuleTable {
  readonly [member: string]: Rule | RuleTable | undefined;
}

/** The rows that fit an input of the SDK: a member with a fixed set of values says which of them, or who checks them. */
export type MemberRules<Input> = { readonly [Member in keyof Input]?: RuleOf<NonNullable<Input[Member]>> };

type RuleOf<Type> =
  | Refused
  | ([Type] extends [readonly (infer Item)[]]
      ? RuleOf<NonNullable<Item>> | WithoutEffect
      : [Type] extends [string]
        ? string extends Type
          ? Done<Type> | WithoutEffect<Type>
          : Chosen<Type>
        : [Type] extends [boolean | number | Date | Uint8Array]
          ? Done<Type> | WithoutEffect<Type>
          : Done | WithoutEffect | MemberRules<Type>);

type Chosen<Value> = (Done<Value> | WithoutEffect<Value>) & ({ readonly values: readonly Value[] } | typeof checked);

export const done = { rule: 'done' } as const;

/** Done for a fixed set of values that the handler itself holds the given one against. */
export const checked = { rule: 'done', isCheckedByHandler: true } as const;

/** Done for these values. */
export function oneOf<const Value>(values: readonly Value[], idle?: Done<Value>['idle']) {
  return { rule: 'done', values, idle } as const;
}

export function withoutEffect(why: string): WithoutEffect<never> {
  return { rule: 'without effect', why };
}

/** One of these values, none of which changes anything. */
export function idleOneOf<const Value>(values: readonly Value[], why: string) {
  return { rule: 'without effect', values, why } as const;
}

export function refused(code: string, message: string): Refused {
  return { rule: 'refused', code, message };
}

export function isRule(row: Rule | RuleTable): row is Rule {
  return typeof row['rule'] === 'string';
}
