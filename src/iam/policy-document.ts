// An IAM policy as data, and IAM's limit on how long one may be.

export interface Statement {
  /** Letters and digits only. */
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Principal?: Readonly<Record<string, readonly string[]>>;
  readonly Action: readonly string[];
  readonly Resource?: readonly string[];
  readonly Condition?: Condition;
}

/** Operator → key → values. */
export type Condition = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

/** Of a managed policy. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const MAX_POLICY_CHARACTERS = 6144;

/** Characters as IAM counts them: without whitespace. */
export function measurePolicy(document: PolicyDocument): number {
  return JSON.stringify(document).replace(/\s/g, '').length;
}

/** As few policies as hold all statements, in their order, each short enough to be a managed policy. */
export function packStatements(statements: readonly Statement[]): readonly PolicyDocument[] {
  const documents: PolicyDocument[] = [];
  for (const statement of statements) {
    const last = documents.at(-1);
    const longer = toDocument([...(last?.Statement ?? []), statement]);
    if (last === undefined || measurePolicy(longer) > MAX_POLICY_CHARACTERS) documents.push(toDocument([statement]));
    else documents[documents.length - 1] = longer;
  }
  return documents;
}

export function toDocument(statements: readonly Statement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements };
}
