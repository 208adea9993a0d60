// Eventual consistency: what was just made is not there yet for those who ask. EC2 documents it and clients forget it.
// https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html

export type UnseenKind = 'image' | 'instance' | 'snapshot';

/** New resources of a kind are not found at first: by the first calls that look, or for a time. */
export interface Unseen {
  readonly kind: UnseenKind;
  /** Only in this region. */
  readonly region?: string;
  /** Requests that do not see it. */
  readonly calls?: number;
  /** Milliseconds after its creation in which nobody sees it. */
  readonly ms?: number;
}

export interface Sighting {
  readonly kind: UnseenKind;
  readonly id: string;
  readonly region: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly requestId: string;
}

export interface Blindness {
  /** Replaces the rules; what is there already stays seen. */
  load(rules: readonly Unseen[]): void;
  /** Whether a request does not see a resource. One request counts once. */
  hides(sighting: Sighting): boolean;
}

export function createBlindness(now: () => Date): Blindness {
  let rules: readonly Unseen[] = [];
  let loadedAtMs = 0;
  const looks = new Map<string, Set<string>>();

  return {
    load(given) {
      rules = given;
      loadedAtMs = now().getTime();
      looks.clear();
    },
    hides({ kind, id, region, createdAt, requestId }) {
      const rule = rules.find((each) => each.kind === kind && (each.region ?? region) === region);
      if (rule === undefined || Date.parse(createdAt) < loadedAtMs) return false;
      if (now().getTime() - Date.parse(createdAt) < (rule.ms ?? 0)) return true;
      if (rule.calls === undefined) return false;
      const requests = looks.get(id) ?? new Set();
      looks.set(id, requests);
      if (requests.size < rule.calls) requests.add(requestId);
      return requests.has(requestId);
    },
  };
}
