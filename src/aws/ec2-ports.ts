// What the native builder asks of EC2 and SSM; the adapters beside this file hold the SDK, tests hand in fakes.

export interface LaunchOrder {
  /** The same token never launches twice, as long as the order is the same too. At most 64 ASCII characters. */
  readonly clientToken: string;
  readonly imageId: string;
  readonly instanceType: string;
  readonly isSpot: boolean;
  readonly instanceProfile?: string;
  readonly subnetId?: string;
  readonly securityGroupIds?: readonly string[];
  readonly associatePublicIpAddress?: boolean;
  /** Undefined: as the image says. Name and change of the root device. */
  readonly rootVolume?: {
    readonly deviceName: string;
    readonly sizeGib?: number;
    readonly type?: string;
    readonly encrypted?: boolean;
    readonly kmsKeyId?: string;
  };
  readonly userData: string;
  /** Of the instance, its volumes and its network interface, from the start. */
  readonly tags: Readonly<Record<string, string>>;
}

export interface InstanceView {
  readonly id: string;
  readonly state: string;
  /** Why it is in this state; empty when EC2 does not say. */
  readonly reason: string;
  /** A spot instance cannot be stopped, and may be taken away. */
  readonly isSpot: boolean;
  /** Undefined as long as it has none. */
  readonly publicIp?: string;
  readonly privateIp?: string;
}

export interface ImageOrder {
  readonly instanceId: string;
  readonly name: string;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Makes, stops and captures build instances. */
export interface InstanceControl {
  /**
   * Launches one instance, which terminates when it shuts itself down, answers IMDSv2 only, and has no key pair.
   * Errors: EC2_NO_CAPACITY when EC2 has none for this type and zone (its message names them); those of `callAws`.
   */
  launch(order: LaunchOrder): Promise<string>;
  /** Undefined while EC2 does not know it (yet). */
  findInstance(id: string): Promise<InstanceView | undefined>;
  stop(id: string): Promise<void>;
  reboot(id: string): Promise<void>;
  /** What EC2 says of the instance after two checks, of its host and of itself; `pending` while it does not know. */
  findChecks(id: string): Promise<'pending' | 'passed' | 'impaired'>;
  /** Output of the serial console: the most recent where the type of the instance can say it, else that of its boot. */
  readConsole(id: string): Promise<string>;
  /** Captures a stopped instance. There is no token: look the name up first. */
  createImage(order: ImageOrder): Promise<string>;
}

export interface CommandOrder {
  readonly instanceId: string;
  /** Shell text, at most 60,000 bytes; run as root. */
  readonly script: string;
  /** At most 100 characters; the only thing by which a command is found again. */
  readonly comment: string;
  readonly timeoutSeconds: number;
}

export interface CommandResult {
  readonly status: string;
  readonly isEnded: boolean;
  /** -1 until it has ended. */
  readonly exitCode: number;
  /** The first 24,000 and 8,000 characters. */
  readonly stdout: string;
  readonly stderr: string;
}

/** SSM Run Command with the document AWS-RunShellScript. */
export interface InstanceCommands {
  isOnline(instanceId: string): Promise<boolean>;
  /** The id of the command; undefined when SSM does not reach the instance just now. */
  send(order: CommandOrder): Promise<string | undefined>;
  /** Undefined while SSM does not know it yet. */
  findResult(commandId: string, instanceId: string): Promise<CommandResult | undefined>;
  cancel(commandId: string, instanceId: string): Promise<void>;
}

/** What an instance needs of the network to be reached from outside. */
export interface NetworkControl {
  findVpc(subnetId: string): Promise<string | undefined>;
  /** Undefined when a group of this name is there already; without `vpcId` in the default VPC. */
  createSecurityGroup(order: {
    readonly name: string;
    readonly description: string;
    readonly vpcId?: string;
    readonly tags: Readonly<Record<string, string>>;
  }): Promise<string | undefined>;
  /** Lets TCP in; doing it again is no error. False while EC2 does not know the group yet. */
  allowTcp(groupId: string, rule: { readonly port: number; readonly cidrs: readonly string[] }): Promise<boolean>;
}

export interface ObjectPlace {
  readonly bucket: string;
  readonly key: string;
}

/** Files in a bucket, for as long as a build needs them. */
export interface BucketFiles {
  /** Encrypted by S3, and held against the digest (hex SHA-256) there. */
  putFile(
    order: ObjectPlace & { readonly path: string; readonly size: number; readonly digest: string },
  ): Promise<void>;
  /** Writes the object to a new file of mode 0600. */
  fetchFile(order: ObjectPlace & { readonly path: string }): Promise<void>;
  /** A URL by which whoever has it may do this one thing. Makes no request. */
  presign(method: 'GET' | 'PUT', order: ObjectPlace & { readonly expiresSeconds: number }): Promise<string>;
  hasObject(place: ObjectPlace): Promise<boolean>;
  /** Deleting what is gone succeeds. */
  deleteObject(place: ObjectPlace): Promise<void>;
  close(): void;
}
