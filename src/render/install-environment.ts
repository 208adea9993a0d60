import type { ProvisionStep } from '../plan/image-plan.js';

type UploadStep = Extract<ProvisionStep, { readonly kind: 'upload' }>;

/** What the installer of an upload step reads; `source` is where the uploaded file or folder lies on the instance. */
export function getInstallEnvironment(
  { destination, owner, mode }: UploadStep,
  source: string,
): Readonly<Record<string, string>> {
  return {
    BUILDIMG_SOURCE: source,
    BUILDIMG_DESTINATION: destination,
    BUILDIMG_OWNER: owner,
    ...(mode === undefined ? {} : { BUILDIMG_MODE: mode }),
  };
}
