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
  /** Most recent output of the serial console. */
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
  send(order: CommandOrder): Promise<string>;
  /** Undefined while SSM does not know it yet. */
  findResult(commandId: string, instanceId: string): Promise<CommandResult | undefined>;
  cancel(commandId: string, instanceId: string): Promise<void>;
}
