// Building blocks of the schema. `patternErrorMessage` is what a person is told when a pattern does not match; editors
// that speak VS Code's dialect of JSON Schema show it too.
import { type Static, type TObject, type TProperties, type TSchema, type TUnsafe, Type } from 'typebox';
import { REGION_PATTERN } from './aws-names.js';

interface TextRules {
  readonly description?: string;
  readonly default?: string;
  readonly pattern?: string;
  readonly patternErrorMessage?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
}

/** A string. Control characters need no rule here: they are refused in every string, see check-characters.ts. */
export function Text(rules: TextRules = {}): TUnsafe<string> {
  return Type.Unsafe<string>({ type: 'string', ...rules });
}

interface ObjectRules {
  readonly description?: string;
  readonly default?: Readonly<Record<string, unknown>>;
}

/** A closed object: an unknown key is a problem, so that a typo cannot pass as a wish that was ignored. */
export function Closed<P extends TProperties>(properties: P, rules: ObjectRules = {}): TObject<P> {
  return Type.Object(properties, { ...rules, additionalProperties: false });
}

interface EnumRules<V> {
  readonly description?: string;
  readonly default?: V;
}

/** One of a few strings, as `enum`: a union of literals would give one error for each of them. */
export function StringEnum<const V extends readonly string[]>(
  values: V,
  rules: EnumRules<V[number]> = {},
): TUnsafe<V[number]> {
  return Type.Unsafe<V[number]>({ type: 'string', enum: [...values], ...rules });
}

/** Values that an image is made for, one after the other. */
export function Axis<S extends TSchema>(value: S) {
  return Type.Array(value, { minItems: 1, maxItems: 64, uniqueItems: true });
}

/** Name of a profile of the AWS CLI. */
export function ProfileName({ description }: { readonly description?: string } = {}) {
  return Text({
    ...(description === undefined ? {} : { description }),
    pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$',
    patternErrorMessage: 'a profile is named by 1 to 64 letters, digits, - and _, because it becomes part of names',
  });
}

interface MapRules extends ObjectRules {
  readonly keyPattern?: string;
  readonly keyErrorMessage?: string;
  readonly minProperties?: number;
  readonly maxProperties?: number;
}

/** A map from names that fit `keyPattern` to `value`. */
export function MapOf<S extends TSchema>(value: S, rules: MapRules = {}): TUnsafe<Record<string, Static<S>>> {
  const { keyPattern, keyErrorMessage, ...rest } = rules;
  const propertyNames = keyPattern && { propertyNames: { pattern: keyPattern, patternErrorMessage: keyErrorMessage } };
  return Type.Unsafe<Record<string, Static<S>>>({
    type: 'object',
    additionalProperties: value,
    ...propertyNames,
    ...rest,
  });
}

/** Patterns that several sections of a config share. */
export const RegionRules = {
  pattern: REGION_PATTERN,
  patternErrorMessage: 'a region is named like "us-east-1"',
} as const;

/** Of a customer managed key: an id, an alias, or the ARN of either. */
export function KmsKeyId(description: string): TUnsafe<string> {
  return Text({
    description,
    pattern:
      '^(?:arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:)?(?:(?:key/)?(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})|alias/[A-Za-z0-9/_-]{1,250})$',
    patternErrorMessage: 'a KMS key is named by its id, its alias ("alias/images") or its ARN',
  });
}

interface RulesOfTags {
  readonly description: string;
  readonly maxProperties: number;
}

/** Tags as EC2 takes them. */
export function Tags({ description, maxProperties }: RulesOfTags): TUnsafe<Record<string, string>> {
  return MapOf(Text({ maxLength: 256 }), {
    description,
    keyPattern: '^[\\s\\S]{1,128}$',
    keyErrorMessage: 'a tag key has 1 to 128 characters',
    maxProperties,
    default: {},
  });
}

/** `true`, `false`, or a mapping of details; one schema, since a union would report every mistake twice. */
export function SwitchOr<P extends TProperties>(
  properties: P,
  { description }: { readonly description: string },
): TUnsafe<boolean | Static<TObject<P>>> {
  const { type: _type, ...details } = Closed(properties);
  return Type.Unsafe<boolean | Static<TObject<P>>>({ ...details, type: ['boolean', 'object'], description });
}
