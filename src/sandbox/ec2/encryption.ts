import { AwsError } from '../wire/aws-error.js';
import { readAccountSettings } from '../world/account-settings.js';
import { findEncryptionKey, resolveManagedKeyArn } from '../world/encryption-keys.js';
import type { RequestContext } from '../world/services.js';

export interface Encryption {
  readonly isEncrypted: boolean;
  readonly kmsKeyId?: string | undefined;
}

interface EncryptionRequest {
  readonly Encrypted?: boolean | undefined;
  readonly KmsKeyId?: string | undefined;
}

/**
 * How a new volume or snapshot is encrypted. What is encrypted stays so in its copies; without a key it is the source's
 * where that is handed down, else the account's default, else AWS's own. EC2 looks at a key only after its reply, so one
 * that is not there is kept as it was written.
 *
 * @throws AwsError InvalidParameterDependency
 */
export function resolveEncryption(
  context: RequestContext,
  asked: EncryptionRequest,
  source: Encryption & { readonly handsKeyDown: boolean },
): Encryption {
  const settings = readAccountSettings(context);
  if (asked.KmsKeyId !== undefined && asked.Encrypted !== true && !source.isEncrypted) {
    throw new AwsError(
      'InvalidParameterDependency',
      'The parameter [KmsKeyId] requires the parameter Encrypted to be set.',
    );
  }
  if (!settings.isEncryptedByDefault && asked.Encrypted !== true && !source.isEncrypted) return { isEncrypted: false };
  if (asked.KmsKeyId !== undefined) {
    return { isEncrypted: true, kmsKeyId: findEncryptionKey(context, asked.KmsKeyId)?.id ?? asked.KmsKeyId };
  }
  const inherited = source.handsKeyDown ? source.kmsKeyId : undefined;
  return { isEncrypted: true, kmsKeyId: inherited ?? settings.defaultKmsKeyId ?? resolveManagedKeyArn(context) };
}

/** Whether something is encrypted with the key that AWS keeps for the account, which nobody else can use. */
export function hasManagedKey(context: RequestContext, { isEncrypted, kmsKeyId }: Encryption): boolean {
  return isEncrypted && (kmsKeyId === undefined || kmsKeyId === resolveManagedKeyArn(context));
}
