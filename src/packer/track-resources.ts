import type { ResourceKind } from '../events.js';
import { type PackerMessage, stripUiPrefix } from './parse-machine-readable.js';

/** Something that Packer is about to make or has made, learned from its output. */
export interface LearnedResource {
  readonly kind: Extract<ResourceKind, 'instance' | 'key-pair' | 'security-group' | 'image'>;
  /** EC2 id; for key pairs and security groups the name, which Packer prints before it creates them. */
  readonly id: string;
}

/**
 * Says which resources a line of Packer's output is about.
 * The texts are those of amazon-ebs in Packer 1.6.6 and plugin 1.8.2 (step_key_pair.go, step_security_group.go,
 * step_run_source_instance.go, step_create_ami.go). A script on the instance may print the same sentences as level
 * `message`, so names are believed only at level `say`, which Packer keeps for itself, and only in Packer's own shape;
 * ids are checked against EC2 before anything is removed.
 */
export function findLearnedResources(message: PackerMessage): readonly LearnedResource[] {
  if (message.kind === 'artifact') {
    return message.key === 'id' ? imagesOfArtifact(message.value) : [];
  }
  if (message.kind !== 'ui' || message.level === 'error') {
    return [];
  }
  const text = stripUiPrefix(message.text).trim();
  for (const { kind, level, pattern } of SENTENCES) {
    const id = pattern.exec(text)?.[1];
    if (id !== undefined && message.level === level) {
      return [{ kind, id }];
    }
  }
  return [];
}

interface Sentence {
  readonly kind: LearnedResource['kind'];
  readonly level: 'say' | 'message';
  readonly pattern: RegExp;
}

const SENTENCES: readonly Sentence[] = [
  { kind: 'key-pair', level: 'say', pattern: /^Creating temporary keypair: ((?:packer_|buildimg-)[\w-]+)$/ },
  // Plugin 1.x makes ed25519 keys itself and says so in these words.
  {
    kind: 'key-pair',
    level: 'say',
    pattern: /^Creating temporary \w+ SSH key for instance: ((?:packer_|buildimg-)[\w-]+)$/,
  },
  {
    kind: 'security-group',
    level: 'say',
    pattern: /^Creating temporary security group for this instance: (packer_[\w-]+)$/,
  },
  { kind: 'instance', level: 'message', pattern: /^Instance ID: (i-[0-9a-f]+)$/ },
  { kind: 'image', level: 'message', pattern: /^AMI: (ami-[0-9a-f]+)$/ },
];

// `us-east-1:ami-1,us-west-2:ami-2`
function imagesOfArtifact(value: string): readonly LearnedResource[] {
  return [...value.matchAll(/(ami-[0-9a-f]+)/g)].map((match) => ({ kind: 'image' as const, id: match[1] ?? '' }));
}
