import {
  DisableAllowedImagesSettings$,
  DisableEbsEncryptionByDefault$,
  DisableImageBlockPublicAccess$,
  DisableSnapshotBlockPublicAccess$,
  EnableAllowedImagesSettings$,
  type EnableAllowedImagesSettingsRequest,
  EnableEbsEncryptionByDefault$,
  EnableImageBlockPublicAccess$,
  type EnableImageBlockPublicAccessRequest,
  EnableSnapshotBlockPublicAccess$,
  type EnableSnapshotBlockPublicAccessRequest,
  GetAllowedImagesSettings$,
  type GetAllowedImagesSettingsResult,
  GetEbsEncryptionByDefault$,
  GetImageBlockPublicAccessState$,
  GetSnapshotBlockPublicAccessState$,
  ReplaceImageCriteriaInAllowedImagesSettings$,
  type ReplaceImageCriteriaInAllowedImagesSettingsRequest,
} from '@aws-sdk/client-ec2';
import { done, type MemberRules, oneOf } from '../members/member-rules.js';
import { AwsError } from '../wire/aws-error.js';
import { defineOperation, type OperationSchema } from '../wire/operation.js';
import { type AccountSettingValues, changeAccountSettings, readAccountSettings } from '../world/account-settings.js';
import type { RequestContext } from '../world/services.js';
import { assertNotDryRun } from './requests.js';

const MANAGED_BY = 'account';

export const accountSettingOperations = [
  defineReader(GetAllowedImagesSettings$, viewAllowedImages),
  defineChange(
    EnableAllowedImagesSettings$,
    (input: EnableAllowedImagesSettingsRequest) => {
      const state = input.AllowedImagesSettingsState ?? 'enabled';
      return { changes: { allowedImages: state }, output: { AllowedImagesSettingsState: state } };
    },
    { AllowedImagesSettingsState: oneOf(['enabled', 'audit-mode']) },
  ),
  defineChange(DisableAllowedImagesSettings$, () => ({
    changes: { allowedImages: 'disabled' },
    output: { AllowedImagesSettingsState: 'disabled' },
  })),
  defineChange(ReplaceImageCriteriaInAllowedImagesSettings$, replaceCriteria, {
    ImageCriteria: { ImageProviders: done },
  }),
  defineReader(GetImageBlockPublicAccessState$, ({ imageBlockPublicAccess }) => ({
    ImageBlockPublicAccessState: imageBlockPublicAccess,
    ManagedBy: MANAGED_BY,
  })),
  defineChange(
    EnableImageBlockPublicAccess$,
    (input: EnableImageBlockPublicAccessRequest) => {
      const state = input.ImageBlockPublicAccessState ?? 'block-new-sharing';
      return { changes: { imageBlockPublicAccess: state }, output: { ImageBlockPublicAccessState: state } };
    },
    { ImageBlockPublicAccessState: oneOf(['block-new-sharing']) },
  ),
  defineChange(DisableImageBlockPublicAccess$, () => ({
    changes: { imageBlockPublicAccess: 'unblocked' },
    output: { ImageBlockPublicAccessState: 'unblocked' },
  })),
  defineReader(GetSnapshotBlockPublicAccessState$, ({ snapshotBlockPublicAccess }) => ({
    State: snapshotBlockPublicAccess,
    ManagedBy: MANAGED_BY,
  })),
  defineChange(
    EnableSnapshotBlockPublicAccess$,
    (input: EnableSnapshotBlockPublicAccessRequest) => {
      const state = input.State ?? 'block-all-sharing';
      return { changes: { snapshotBlockPublicAccess: state }, output: { State: state } };
    },
    { State: oneOf(['block-all-sharing', 'block-new-sharing']) },
  ),
  defineChange(DisableSnapshotBlockPublicAccess$, () => ({
    changes: { snapshotBlockPublicAccess: 'unblocked' },
    output: { State: 'unblocked' },
  })),
  defineReader(GetEbsEncryptionByDefault$, ({ isEncryptedByDefault }) => ({
    EbsEncryptionByDefault: isEncryptedByDefault,
    SseType: isEncryptedByDefault ? 'sse-kms' : 'none',
  })),
  defineChange(EnableEbsEncryptionByDefault$, () => ({
    changes: { isEncryptedByDefault: true },
    output: { EbsEncryptionByDefault: true },
  })),
  defineChange(DisableEbsEncryptionByDefault$, () => ({
    changes: { isEncryptedByDefault: false },
    output: { EbsEncryptionByDefault: false },
  })),
];

interface Dryable {
  readonly DryRun?: boolean | undefined;
}

interface Change {
  readonly changes: Partial<AccountSettingValues>;
  readonly output: object;
}

function defineReader(schema: OperationSchema, view: (settings: AccountSettingValues) => object) {
  return defineOperation(schema, (_input: object, context: RequestContext) => view(readAccountSettings(context)), {});
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- Input ties the plan to the SDK's type
function defineChange<Input extends Dryable>(
  schema: OperationSchema,
  plan: (input: Input) => Change,
  members: MemberRules<Input> = {},
) {
  return defineOperation(
    schema,
    (input: Input, context: RequestContext) => {
      const { changes, output } = plan(input);
      assertNotDryRun(input.DryRun);
      changeAccountSettings(context, changes);
      return output;
    },
    members,
  );
}

function viewAllowedImages({ allowedImages, allowedProviders }: AccountSettingValues): GetAllowedImagesSettingsResult {
  const ImageCriteria = allowedProviders.length === 0 ? [] : [{ ImageProviders: [...allowedProviders] }];
  return { State: allowedImages, ManagedBy: MANAGED_BY, ImageCriteria };
}

function replaceCriteria({ ImageCriteria = [] }: ReplaceImageCriteriaInAllowedImagesSettingsRequest): Change {
  const { ImageProviders = [] } = ImageCriteria[0] ?? {};
  if (ImageCriteria.length > 1) {
    throw new AwsError('UnsupportedOperation', 'The sandbox has one criterion for allowed images: ImageProviders');
  }
  const wrong = ImageProviders.find((provider) => !/^(\d{12}|amazon|aws-marketplace|aws-backup-vault)$/.test(provider));
  if (wrong !== undefined) throw new AwsError('InvalidParameterValue', `Invalid image provider: ${wrong}`);
  return { changes: { allowedProviders: ImageProviders }, output: { ReturnValue: true } };
}
