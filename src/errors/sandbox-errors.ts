// Codes of one part of the house, for the table in ../errors.ts.
import { ExitCode } from '../exit-code.js';

export const sandboxErrors = {
  SANDBOX_TOOL_MISSING: {
    exit: ExitCode.missing,
    message: (program: string) => `${program} is not installed`,
    hint: 'Install the packages that `buildimg doctor` names for the sandbox.',
  },
  SANDBOX_TOOL_FAILED: {
    exit: ExitCode.missing,
    message: (program: string, outcome: string, output: string) => `${program} failed (${outcome}): ${output.trim()}`,
  },
  SANDBOX_ACCELERATOR_INVALID: {
    exit: ExitCode.usage,
    message: (variable: string, value: string) => `${variable} is "${value}", which is neither kvm nor tcg`,
    hint: 'kvm runs machines on the processor, tcg emulates them; without the variable the sandbox finds out what works here.',
  },
  SANDBOX_MACHINE_START_FAILED: {
    exit: ExitCode.missing,
    message: (instanceId: string, output: string) => `The machine of ${instanceId} did not start: ${output.trim()}`,
  },
  SANDBOX_MACHINE_NOT_FOUND: {
    exit: ExitCode.missing,
    message: (instanceId: string) => `The sandbox has no machine ${instanceId}`,
  },
  SANDBOX_MACHINE_STATE: {
    exit: ExitCode.usage,
    message: (instanceId: string, action: string, state: string) =>
      `Machine ${instanceId} cannot ${action} while it is ${state}`,
  },
  SANDBOX_MACHINE_RECORD_BROKEN: {
    exit: ExitCode.missing,
    message: (file: string) => `${file} is not the record of a sandbox machine`,
    hint: 'Remove its folder if the machine is not needed.',
  },
  SANDBOX_QMP_FAILED: {
    exit: ExitCode.missing,
    message: (command: string, reason: string) => `QEMU did not carry out ${command}: ${reason}`,
  },
  SANDBOX_IMAGE_CACHE_BROKEN: {
    exit: ExitCode.missing,
    message: (file: string) => `${file} does not describe a base image`,
    hint: 'Remove its folder; the image is made again when it is next needed.',
  },
  SANDBOX_IMAGE_CHECKSUM_FORMAT: {
    exit: ExitCode.usage,
    message: (checksum: string) => `"${checksum}" is not sha256: or sha512: followed by the hex digest`,
  },
  SANDBOX_IMAGE_CHECKSUM_MISMATCH: {
    exit: ExitCode.missing,
    message: (source: string, expected: string, actual: string) =>
      `${source} has the checksum ${actual}, not ${expected}`,
    hint: 'Fetch it again, or take the checksum from its publisher.',
  },
  SANDBOX_IMAGE_SOURCE: {
    exit: ExitCode.missing,
    message: (source: string, reason: string) => `Cannot read the image ${source}: ${reason}`,
  },
  SANDBOX_IMAGE_FORMAT: {
    exit: ExitCode.usage,
    message: (source: string, reason: string, _way?: string) =>
      `${source} is not an image that can be imported: ${reason}`,
    hint: (_source: string, _reason: string, way?: string) =>
      way === undefined
        ? 'Give a self-contained raw, qcow2, vmdk, vhd or vhdx disk.'
        : `Make a disk of it first, and import that with its own checksum: ${way}`,
  },

  // The API and its daemon.
  SANDBOX_DOWN: {
    exit: ExitCode.missing,
    message: () => 'The sandbox is not up',
    hint: 'Start it with buildimg sandbox up.',
  },
  SANDBOX_ACCOUNT_INVALID: {
    exit: ExitCode.usage,
    message: (reason: string) => `The account cannot be added to the sandbox: ${reason}`,
    hint: 'For example: buildimg sandbox account add 222222222222.',
  },
  SANDBOX_ACCOUNT_NOT_FOUND: {
    exit: ExitCode.usage,
    message: (accountId: string) => `The sandbox has no account ${accountId}`,
    hint: 'buildimg sandbox account list shows those that it has; buildimg sandbox account add makes another one.',
  },
  SANDBOX_FAULTS_INVALID: {
    exit: ExitCode.usage,
    message: (reason: string) => `The fault plan cannot be used: ${reason}`,
    hint: 'docs/sandbox-api.md says what a plan looks like.',
  },
  SANDBOX_POLICY_INVALID: {
    exit: ExitCode.usage,
    message: (reason: string) => `The policy cannot be used: ${reason}`,
    hint: 'It is what buildimg iam-policy prints: one IAM policy, or a list of them.',
  },
  SANDBOX_PORT_IN_USE: {
    exit: ExitCode.missing,
    message: (port: number) => `Port ${port} on 127.0.0.1 is taken by another program`,
    hint: 'Name another with --port.',
  },
  SANDBOX_STATE_BROKEN: {
    exit: ExitCode.missing,
    message: (file: string, reason: string) => `${file} cannot be read: ${reason}`,
    hint: 'Remove the file to begin with an empty sandbox, or name another folder with --state.',
  },
  SANDBOX_OPENSSL_MISSING: {
    exit: ExitCode.missing,
    message: () => 'The sandbox needs the openssl program for its certificates',
    hint: 'On Debian or Ubuntu: apt-get install openssl.',
  },
  SANDBOX_BASE_IMAGE_UNREADABLE: {
    exit: ExitCode.missing,
    message: (file: string, reason: string) => `${file} cannot be a base image: ${reason}`,
    hint: 'A base image is a qcow2; `qemu-img convert -O qcow2` makes one.',
  },
  SANDBOX_NOT_STARTED: {
    exit: ExitCode.missing,
    message: (reason: string, _logFile: string) => `The sandbox did not start: ${reason}`,
    hint: (_reason: string, logFile: string) => `Its log is ${logFile}.`,
  },
  SANDBOX_ELSEWHERE: {
    exit: ExitCode.missing,
    message: (stateDir: string, pid: number, host: string, _daemonFile: string) =>
      `A sandbox of ${stateDir} was started as process ${pid} of ${host}, and from here it cannot be told whether it runs`,
    hint: (_stateDir: string, _pid: number, _host: string, daemonFile: string) =>
      `Use another state folder here (XDG_STATE_HOME). When that process has ended for certain, remove ${daemonFile}.`,
  },
  SANDBOX_IMAGE_LOCKED: {
    exit: ExitCode.missing,
    message: (pid: number, host: string, _lock: string) =>
      `Process ${pid} of ${host} makes this base image, and from here it cannot be told whether it goes on`,
    hint: (_pid: number, _host: string, lock: string) => `When it has ended for certain, remove ${lock}.`,
  },
  SANDBOX_NOT_STOPPED: {
    exit: ExitCode.leftBehind,
    message: (pid: number) => `The sandbox (process ${pid}) did not stop`,
    hint: (pid: number) => `End it with: kill -9 ${pid}. Its machines are found again at the next start.`,
  },
};
