import type { AwsAccess } from '../../aws/create-aws-access.js';
import type { RegistrationAccess } from '../../aws/registration-ports.js';
import type { WaiverConfig } from '../../config/resolved-config.js';
import type { ReportTool } from '../../report/scan-report.js';
import type { BuildContext } from '../context.js';
import type { Interruption } from '../interruption.js';
import type { RunReport } from '../read-runs.js';
import type { Run } from '../run.js';
import type { Registration } from './registration.js';

export interface RegisterRequest {
  readonly registration: Registration;
  /** Of the region that the image goes to. */
  readonly aws: AwsAccess;
  readonly access: RegistrationAccess;
  readonly account: string;
  /** Other than AWS's. */
  readonly endpoint: string | undefined;
  readonly waivers: readonly WaiverConfig[];
  readonly tool: ReportTool;
  /** Go on with this run instead of beginning one. */
  readonly resume: RunReport | undefined;
  readonly interruption: Interruption;
}

export interface RegisterOutcome {
  readonly amiId: string;
  readonly amiName: string;
  readonly snapshotIds: readonly string[];
  readonly region: string;
  readonly run: string;
  /** Of this attempt. */
  readonly elapsedMs: number;
}

/** A registration on its way. */
export interface RegisterJob {
  readonly run: Run;
  readonly request: RegisterRequest;
  readonly context: BuildContext;
}
