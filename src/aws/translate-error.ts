import { BuildimgError, createError } from '../errors.js';

/** Runs one AWS call and turns what the SDK throws into a coded error that names the action. */
export async function callAws<T>(action: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw translateAwsError(action, error);
  }
}

/** As `callAws`, with undefined for the given error codes. */
export async function callAwsOrMiss<T>(
  action: string,
  missCodes: readonly string[],
  call: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (missCodes.includes(awsErrorCode(error))) {
      return undefined;
    }
    throw translateAwsError(action, error);
  }
}

/** AWS error code (`InvalidAMIID.NotFound`), a Node error code, or an empty text. */
export function awsErrorCode(error: unknown): string {
  if (error instanceof BuildimgError) {
    return awsErrorCode(error.cause);
  }
  if (!(error instanceof Error)) {
    return '';
  }
  const { Code, code } = error as Error & { readonly Code?: unknown; readonly code?: unknown };
  return (
    [Code, code, error.name].find((value): value is string => typeof value === 'string' && value !== 'Error') ?? ''
  );
}

const EXPIRED = ['ExpiredToken', 'ExpiredTokenException', 'RequestExpired'];
const UNKNOWN_CALLER = [
  'AuthFailure',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'SignatureDoesNotMatch',
  'InvalidAccessKeyId',
];
const FORBIDDEN = ['UnauthorizedOperation', 'AccessDenied', 'AccessDeniedException', 'OptInRequired'];
const UNREACHABLE = [
  'ENOTFOUND',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'TimeoutError',
];

/** Coded error for whatever an AWS call threw. An error that is coded already comes back as it is. */
export function translateAwsError(action: string, error: unknown): BuildimgError {
  if (error instanceof BuildimgError) {
    return error;
  }
  const code = awsErrorCode(error);
  const detail = error instanceof Error ? error.message : String(error);
  const options = { cause: error };
  if (code === 'CredentialsProviderError') {
    return /expired/i.test(detail)
      ? createError('AWS_CREDENTIALS_EXPIRED', [action], options)
      : createError('AWS_CREDENTIALS_MISSING', [action], options);
  }
  if (EXPIRED.includes(code)) {
    return createError('AWS_CREDENTIALS_EXPIRED', [action], options);
  }
  if (UNKNOWN_CALLER.includes(code)) {
    return createError('AWS_AUTH_FAILURE', [action], options);
  }
  if (FORBIDDEN.includes(code)) {
    return createError('AWS_NOT_AUTHORIZED', [action, detail], options);
  }
  if (UNREACHABLE.includes(code)) {
    return createError('AWS_UNREACHABLE', [action, detail || code], options);
  }
  return createError('AWS_REQUEST_FAILED', [action, code || 'an unknown error', detail], options);
}
