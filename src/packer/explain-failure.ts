import { type PackerMessage, stripUiPrefix } from './parse-machine-readable.js';

export interface FailureExplanation {
  /** What packer gave as reason, then the last things that were said before it; at most 20 lines. */
  readonly reason: string;
  /** What packer gave as reason alone; empty when it gave none. */
  readonly cause: string;
}

const LINES_KEPT = 20;

/** Collects what is worth showing when a build fails: Packer's own reason and what stderr said last. */
export function createFailureCollector(): {
  readonly receive: (message: PackerMessage) => void;
  readonly explain: () => FailureExplanation;
} {
  const reasons: string[] = [];
  const recent: string[] = [];
  return {
    receive(message) {
      if (message.kind === 'build-error') {
        reasons.push(message.text.trim());
      } else if (message.kind === 'ui' && !isSummary(message.text)) {
        recent.push(...stripUiPrefix(message.text).split('\n'));
        recent.splice(0, recent.length - LINES_KEPT);
      }
    },
    explain() {
      const context = recent.map((line) => line.trimEnd()).filter((line) => line !== '');
      const uniqueReasons = [...new Set(reasons)];
      const before = context
        .slice(-(LINES_KEPT - uniqueReasons.length))
        .filter((line) => !uniqueReasons.includes(line));
      return {
        reason: [...before, ...uniqueReasons].join('\n') || 'Packer ended without a word',
        cause: uniqueReasons.join('\n'),
      };
    },
  };
}

// What Packer says after the fact: the cleanup, and the same reason again in three shapes.
const SUMMARIES = [
  /^Build '.*' (errored|finished)/,
  /^\n?==> (Some builds|Wait completed|Builds finished)/,
  /^--> /,
  /Provisioning step had errors/,
  /(Terminating the source AWS instance|Cleaning up any extra volumes|No volumes to clean up|Deleting temporary)/,
];

function isSummary(text: string): boolean {
  return SUMMARIES.some((pattern) => pattern.test(text));
}
