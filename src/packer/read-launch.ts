import type { ResourceKind } from '../events.js';
import { type PackerMessage, stripUiPrefix } from './parse-machine-readable.js';

/** What Packer is about to make, by the name that it says before it does so. */
export interface AnnouncedResource {
  readonly kind: Extract<ResourceKind, 'key-pair' | 'security-group'>;
  readonly name: string;
}

export type LaunchPhase = 'launch instance' | 'connect' | 'connected';

export interface LaunchNews {
  /** The phase that the line begins or goes on with. */
  readonly phase?: LaunchPhase;
  readonly announced?: AnnouncedResource;
}

/**
 * Reads Packer's output up to the moment at which it is connected to the instance. Up to then nobody else says anything;
 * from then on scripts print what they like, from Packer 1.13 on in the shape of its own words, and every line reads as
 * `connected`. The sentences are those of amazon-ebs in Packer 1.6.6 and plugin 1.8.2 (step_key_pair.go,
 * step_security_group.go, step_run_source_instance.go) and of the SDK's step_connect.go.
 */
export function createLaunchReader(): (message: PackerMessage) => LaunchNews {
  let phase: LaunchPhase | undefined;
  return (message) => {
    if (phase === 'connected') return { phase };
    if (message.kind !== 'ui' || message.level === 'error') return {};
    const text = stripUiPrefix(message.text).trim();
    phase = PHASES.find(({ pattern }) => pattern.test(text))?.phase ?? phase;
    const announced = phase === 'launch instance' ? findAnnounced(text) : undefined;
    return { ...(phase === undefined ? {} : { phase }), ...(announced === undefined ? {} : { announced }) };
  };
}

const PHASES: readonly { readonly pattern: RegExp; readonly phase: LaunchPhase }[] = [
  { pattern: /^Connected to (?:SSH|WinRM)!/, phase: 'connected' },
  { pattern: /^(?:Using \w+ communicator to connect|Waiting for (?:SSH|WinRM) to become available)/, phase: 'connect' },
  { pattern: /^(?:Creating temporary |Launching a source AWS instance)/, phase: 'launch instance' },
];

function findAnnounced(text: string): AnnouncedResource | undefined {
  for (const { kind, pattern } of SENTENCES) {
    const name = pattern.exec(text)?.[1];
    if (name !== undefined) return { kind, name };
  }
  return undefined;
}

const SENTENCES: readonly { readonly kind: AnnouncedResource['kind']; readonly pattern: RegExp }[] = [
  { kind: 'key-pair', pattern: /^Creating temporary keypair: (packer_[\w-]+)$/ },
  // Plugin 1.x makes ed25519 keys itself and says so in these words.
  { kind: 'key-pair', pattern: /^Creating temporary \w+ SSH key for instance: (packer_[\w-]+)$/ },
  { kind: 'security-group', pattern: /^Creating temporary security group for this instance: (packer_[\w-]+)$/ },
];
