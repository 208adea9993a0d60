import type { PackerProvisioner } from './template.js';

export interface RenderOptions {
  /** Nothing is captured before whoever runs packer has looked at the instance: see capture-gate.ts. */
  readonly isGated?: boolean;
}

export interface TitledProvisioner {
  readonly title: string;
  readonly provisioner: PackerProvisioner;
}
