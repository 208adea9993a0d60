// The plan of one image: everything that a build will do, decided before anything is done. Plain data, no behaviour.
import type { Architecture, BuilderConfig } from '../config/resolved-config.js';
import type { PlannedSecret } from './plan-secrets.js';
import type { PublicationStep } from './publication-plan.js';

/** `rootDeviceName` is undefined when nobody could say it offline; it is needed only to size or encrypt the root volume. */
export type PlannedSource =
  /** Looked up: the id is pinned, so every rendering of this plan builds from the same bytes. */
  | {
      readonly kind: 'ami';
      readonly id: string;
      readonly rootDeviceName?: string;
      /** Of the Elastic Beanstalk platform version whose image it is. */
      readonly platformArn?: string;
    }
  /** Not looked up: Packer asks EC2 when it builds. Owners are always named (the whoAMI attack). */
  | {
      readonly kind: 'filter';
      readonly owners: readonly string[];
      readonly filters: Readonly<Record<string, string>>;
      readonly rootDeviceName?: string;
    }
  /** Not looked up and not expressible as a filter: the template takes the id as its variable `source_ami`. */
  | { readonly kind: 'variable'; readonly parameter: string; readonly rootDeviceName?: string }
  /** As `variable`: only Elastic Beanstalk knows which image the branch stands for now. */
  | { readonly kind: 'platform-branch'; readonly branch: string; readonly rootDeviceName: string };

/** One thing done on the build instance. Builders translate it: Packer provisioners, SSM Run Command, … */
export type ProvisionStep =
  | {
      readonly kind: 'script';
      /** What a person sees in the step list, for example "harden". */
      readonly title: string;
      /** Path of the script inside the payload, for example `provisioners/harden.sh`. */
      readonly path: string;
      readonly environment: Readonly<Record<string, string>>;
      readonly runAs: 'root' | 'login-user';
      /** `user`: a script of the user's, run by its own shebang. `provisioner`: ours, run from the uploaded payload. */
      readonly origin: 'user' | 'provisioner';
    }
  | {
      readonly kind: 'upload';
      readonly title: string;
      /** Payload path of the script that moves what was uploaded; it is told by BUILDIMG_* what the fields below say. */
      readonly installer: string;
      /** File or folder inside the payload; a folder's contents are merged into `destination`. */
      readonly path: string;
      /** Absolute path on the instance, written as root. */
      readonly destination: string;
      readonly owner: string;
      readonly mode?: string;
    };

/** A file that travels with the template, so that the rendered folder is self-contained. */
export interface PayloadFile {
  /** Where it stands in the rendered folder; POSIX, relative, never `..`. */
  readonly path: string;
  readonly mode: number;
  readonly content: { readonly text: string } | { readonly copyOf: string };
}

export interface ImagePlan {
  readonly image: string;
  readonly version: string;
  readonly region: string;
  readonly architecture: Architecture;
  /** `<image>-<arch>-<version>-<inputs8>`: the same inputs give the same name. */
  readonly amiName: string;
  readonly amiDescription: string;
  /** Hex SHA-256 over everything that decides what ends up in the image. */
  readonly inputsDigest: string;
  readonly source: PlannedSource;
  readonly builder: BuilderConfig;
  readonly loginUser: string;
  readonly encrypt: boolean;
  /** Customer managed key to encrypt with. */
  readonly kmsKeyId?: string;
  /** For the build instance's cloud-init; undefined for none. */
  readonly userData?: string;
  readonly steps: readonly ProvisionStep[];
  readonly payload: readonly PayloadFile[];
  /** What stands in the environment of steps and goes into no file. */
  readonly secrets: readonly PlannedSecret[];
  /** What is done with the image when it is there. */
  readonly publication: readonly PublicationStep[];
  /** Tags of the AMI and its snapshots. */
  readonly tags: Readonly<Record<string, string>>;
}

/** What planning needs to know about the world; gathered beforehand, so that planning stays pure. */
export interface PlanFacts {
  /** Absolute folder of the config. Nothing of a plan depends on where it is. */
  readonly root: string;
  /** Absolute folder of the built-in provisioners, one file each. */
  readonly provisionersDir: string;
  /** Every file of the config and of the provisioners that the image uses, by absolute path. */
  readonly files: ReadonlyMap<string, FileFact>;
  /** The looked-up source image; undefined when planning offline. */
  readonly sourceImage?: { readonly id: string; readonly rootDeviceName: string; readonly platformArn?: string };
}

export interface FileFact {
  readonly digest: string;
  readonly mode: number;
}
