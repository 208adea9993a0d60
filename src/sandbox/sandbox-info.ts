import type { SandboxCredentials } from './world/credentials.js';

/** Where a client works that names no other. */
export const DEFAULT_SANDBOX_REGION = 'us-east-1';

/** What a client needs to know of a sandbox. */
export interface SandboxInfo {
  readonly endpoint: string;
  readonly proxy: string;
  readonly caFile: string;
  readonly region: string;
  readonly credentials: Pick<SandboxCredentials, 'accountId' | 'accessKeyId' | 'secretAccessKey'>;
  readonly sshPort: number;
}
