import { AwsError } from '../wire/aws-error.js';

/** Headers that ask for what the sandbox does not keep, and the values that ask for nothing. */
const UNSUPPORTED: Readonly<Record<string, readonly string[]>> = {
  'x-amz-acl': ['private', 'bucket-owner-full-control'],
  'x-amz-bucket-object-lock-enabled': ['false'],
  'x-amz-copy-source-server-side-encryption-customer-algorithm': [],
  'x-amz-grant-full-control': [],
  'x-amz-grant-read': [],
  'x-amz-grant-read-acp': [],
  'x-amz-grant-write': [],
  'x-amz-grant-write-acp': [],
  'x-amz-mfa': [],
  'x-amz-object-lock-legal-hold': ['OFF'],
  'x-amz-object-lock-mode': [],
  'x-amz-object-lock-retain-until-date': [],
  // What S3 does by itself since 2023, and a client need not notice.
  'x-amz-server-side-encryption': ['AES256'],
  'x-amz-server-side-encryption-aws-kms-key-id': [],
  'x-amz-server-side-encryption-bucket-key-enabled': ['false'],
  'x-amz-server-side-encryption-context': [],
  'x-amz-server-side-encryption-customer-algorithm': [],
  'x-amz-storage-class': ['STANDARD'],
  'x-amz-tagging': [],
  'x-amz-tagging-directive': ['COPY'],
  'x-amz-website-redirect-location': [],
  'x-amz-write-offset-bytes': [],
};

/**
 * Refuses a request that asks by a header for what the sandbox does not do.
 *
 * @throws AwsError NotImplemented
 */
export function assertHeadersSupported(headers: Readonly<Record<string, string>>): void {
  const found = Object.entries(UNSUPPORTED).find(([name, harmless]) => {
    const value = headers[name];
    return value !== undefined && value !== '' && !harmless.includes(value);
  });
  if (found === undefined) return;
  const [name] = found;
  throw new AwsError(
    'NotImplemented',
    `The sandbox does not do what the header ${name}: ${headers[name]} asks for`,
    501,
  );
}
