// The `publish` section as the rest of the program sees it.

export interface PublishRegion {
  readonly region: string;
  /** The copy is encrypted with it; undefined: as the image is, under the region's own key for EBS. */
  readonly kmsKeyId?: string;
}

/** Who may use something. */
export interface Grantees {
  readonly accounts: readonly string[];
  /** ARNs. */
  readonly organizations: readonly string[];
  readonly organizationalUnits: readonly string[];
  readonly isPublic: boolean;
}

/** What is done with an AMI when it is there. It decides nothing of what is in it. */
export interface PublishConfig {
  /** Undefined: the image is not launched for a test. */
  readonly bootTest?: { readonly command?: string; readonly timeoutMinutes: number };
  /** Others than the image's own. */
  readonly regions: readonly PublishRegion[];
  readonly tags: Readonly<Record<string, string>>;
  readonly deprecateAfterDays?: number;
  readonly protect?: { readonly withCooldown: boolean };
  /** Who may launch the AMI and its copies. */
  readonly grantees: Grantees;
  /** Its accounts may also make volumes of the snapshots, which copying an AMI needs. */
  readonly sharesSnapshots: boolean;
  /** Names with placeholders: {image}, {version}, {architecture}, {inputs}. */
  readonly parameter: { readonly versioned?: string; readonly latest?: string };
  /** Absolute. */
  readonly manifestFile?: string;
}
