import type { PackerProvisioner } from './template.js';

export interface RenderOptions {
  /**
   * `buildimg build` itself runs packer: a marker tells where each step begins (step-markers.ts), the key pair bears the
   * name of the run, and what is launched says when it expires.
   */
  readonly isForBuild?: boolean;
  /** Nothing is captured before whoever runs packer has looked at the instance: see capture-gate.ts. */
  readonly isGated?: boolean;
}

export interface TitledProvisioner {
  readonly title: string;
  readonly provisioner: PackerProvisioner;
  /** It belongs to the step of the provisioner before it. */
  readonly isContinued?: true;
  /** Packer waits in it for an answer. */
  readonly isGate?: true;
}
