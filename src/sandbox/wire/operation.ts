import type { GetParameter$ } from '@aws-sdk/client-ssm';
import { NormalizedSchema } from '@smithy/core/schema';
import type { MemberRules, RuleTable } from '../members/member-rules.js';
import type { HttpTrait } from './rest-route.js';

/** An operation schema, as every client of the AWS SDK exports it (`RunInstances$` …). */
export type OperationSchema = typeof GetParameter$;

/** What the wire has to know of an operation. */
export interface OperationShape {
  readonly name: string;
  readonly input: NormalizedSchema;
  readonly output: NormalizedSchema;
  /** Of the REST protocols only. */
  readonly http: HttpTrait | undefined;
}

/** One operation of a service: its shapes, what it does, and what it does with each member of its input. */
export interface Operation<Context> extends OperationShape {
  readonly members: RuleTable;
  handle(input: unknown, context: Context): unknown;
}

/** A service's operations by name. */
export type OperationTable<Context> = ReadonlyMap<string, Operation<Context>>;

/**
 * Joins an SDK schema, its handler and the rows of its members. The caller names the SDK's own types for input and output; the schema and the
 * types come from the same generated file, which is what makes the cast below hold.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- Input ties the handler to the SDK's type
export function defineOperation<Context, Input, Output>(
  schema: OperationSchema,
  handle: (input: Input, context: Context) => Output | Promise<Output>,
  members: MemberRules<Input>,
): Operation<Context> {
  return {
    ...describeOperation(schema),
    members,
    handle: (input, context) => handle(input as Input, context),
  };
}

/** The shapes of an operation by its SDK schema. */
export function describeOperation(schema: OperationSchema): OperationShape {
  return {
    name: schema[2],
    input: NormalizedSchema.of(schema[4]),
    output: NormalizedSchema.of(schema[5]),
    http: readHttpTrait(schema),
  };
}

function readHttpTrait(schema: OperationSchema): HttpTrait | undefined {
  const traits: unknown = schema[3];
  if (typeof traits !== 'object' || traits === null || !('http' in traits)) return undefined;
  const [method, path, status] = traits.http as readonly [string, string, number];
  return { method, path, status };
}

/** Builds the table of a service from its families of operations. */
export function tabulateOperations<Context>(
  ...families: readonly (readonly Operation<Context>[])[]
): OperationTable<Context> {
  return new Map(families.flat().map((operation) => [operation.name, operation]));
}

/**
 * The members that a request must have: a schema lists them first and gives their number (smithy-typescript,
 * StaticStructureSchema).
 */
export function listRequiredMembers(schema: NormalizedSchema): readonly string[] {
  const declared: unknown = schema.getSchema();
  if (!Array.isArray(declared) || typeof declared[6] !== 'number') return [];
  return (declared[4] as readonly string[]).slice(0, declared[6]);
}
