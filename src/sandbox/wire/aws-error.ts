// An error as an AWS service replies it. Its code and message travel to the client; anything else that a handler throws
// is a bug of the sandbox and becomes InternalError.

export class AwsError extends Error {
  override readonly name = 'AwsError';

  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
    /** Further members of the reply, where a service has them: `Reason` of EBS. */
    readonly details: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}
