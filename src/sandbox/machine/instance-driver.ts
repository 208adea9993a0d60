// What the API side of the sandbox asks of the machine side. The one real driver is QEMU; tests of the API use a fake
// that implements this interface.

import type { GuestRun, GuestScript } from './guest-agent.js';

export interface LaunchRequest {
  /** `i-` and 17 hex digits. */
  readonly instanceId: string;
  readonly instanceType: string;
  readonly architecture: 'x86_64' | 'arm64';
  /** qcow2 file that the instance's disk is a copy-on-write overlay of. */
  readonly baseImage: string;
  readonly rootVolumeSizeGib: number;
  readonly rootVolumeId: string;
  readonly privateIp: string;
  /** 127.0.0.0/8 address; the guest's port 22 is forwarded from it. */
  readonly publicIp: string;
  readonly sshPort: number;
  readonly metadata: InstanceMetadata;
}

/** What IMDSv2 answers inside the guest. */
export interface InstanceMetadata {
  /** The launch turned the service off (`HttpEndpoint=disabled`): every request gets 403. */
  readonly isTurnedOff?: boolean;
  readonly imageId: string;
  readonly instanceId: string;
  readonly instanceType: string;
  readonly region: string;
  readonly availabilityZone: string;
  readonly accountId: string;
  readonly macAddress: string;
  readonly privateIp: string;
  readonly publicIp: string;
  readonly keyName?: string;
  /** One OpenSSH public key line. */
  readonly publicKey?: string;
  /** Raw bytes as text (after base64 decoding); undefined: 404. */
  readonly userData?: string;
  readonly securityGroups: readonly string[];
  readonly iamInstanceProfile?: string;
  readonly launchTime: string;
}

export type MachineState = 'starting' | 'running' | 'stopping' | 'stopped' | 'terminated';

export interface Machine {
  readonly instanceId: string;
  /** `running` once the guest's SSH banner was seen; Packer retries SSH every 5 s, so this saves it time. */
  readonly state: MachineState;
  /** The qcow2 overlay. */
  readonly diskFile: string;
  /** Why it ended when neither a client nor the guest asked for it: QEMU's last words. */
  readonly endReason?: string | undefined;
}

export interface InstanceDriver {
  /** Starts the machine and returns as soon as its process runs. */
  launch(request: LaunchRequest): Promise<void>;
  /** Starts a stopped machine again on the same disk. */
  start(instanceId: string): Promise<void>;
  /** Asks the guest to power down; forces it after a limit. Resolves when it is off. */
  stop(instanceId: string, options: { readonly force: boolean }): Promise<void>;
  reboot(instanceId: string): Promise<void>;
  /** Makes a TCP port of a running guest reachable at the instance's public address, until the machine is turned off. */
  forwardPort(instanceId: string, port: { readonly host: number; readonly guest: number }): Promise<void>;
  /** Ends the machine and removes its disk and sockets. Never fails for a machine that is already gone. */
  terminate(instanceId: string): Promise<void>;
  /** Undefined when the driver knows no such machine. */
  find(instanceId: string): Machine | undefined;
  /** Writes a flattened, self-contained qcow2 of a stopped machine's disk to `file`. */
  capture(instanceId: string, file: string): Promise<void>;
  /** Whether the agent in the guest answers. */
  pingGuest(instanceId: string): Promise<boolean>;
  /** Runs a script in the guest as root. */
  runInGuest(instanceId: string, script: GuestScript): Promise<GuestRun>;
  /** Serial console so far, as bytes. */
  readConsole(instanceId: string): Promise<Buffer>;
  /** Called whenever a machine changes state, also by itself (guest powered off, process died). */
  onStateChange(listener: (instanceId: string, state: MachineState) => void): void;
  /** Called when something happened to a machine that its owner should know of, such as a second start without KVM. */
  onNotice(listener: (instanceId: string, text: string) => void): void;
  /** Says on which port of 127.0.0.1 the sandbox answers: the only one of the host's that guests reach, until detachAll. */
  openToGuests(port: number): Promise<void>;
  /** Finds the machines of an earlier server process again and re-attaches to those alive. */
  attachAll(): Promise<void>;
  /** Leaves machines running but closes this process's handles. */
  detachAll(): Promise<void>;
}
