// Every event of a run: noun.past-participle, its payload, and its words. Reporters decide looks; the text lives here.

import type { PolicyName, Severity } from './config/scan-names.js';

export interface EventPayloads {
  'run.started': { readonly run: string; readonly image: string; readonly amiName: string };
  'run.finished': {
    readonly run: string;
    readonly image: string;
    readonly outcome: 'built' | 'unchanged' | 'failed' | 'interrupted';
  };
  'step.started': { readonly step: string };
  'step.finished': { readonly step: string; readonly elapsedMs: number };
  'step.failed': { readonly step: string; readonly elapsedMs: number; readonly reason: string };
  'output.received': { readonly step: string; readonly line: string; readonly stream: 'out' | 'error' };
  'resource.created': { readonly kind: ResourceKind; readonly id: string; readonly region?: string };
  'resource.removed': { readonly kind: ResourceKind; readonly id: string; readonly region?: string };
  'scan.finished': {
    readonly subject: 'instance' | 'image';
    readonly policy: PolicyName;
    readonly counts: Readonly<Record<Severity, number>>;
    readonly failing: boolean;
    /** File with the JSON report; of an instance only when it fails. */
    readonly report: string;
  };
  'warning.raised': { readonly message: string };
}

export type ResourceKind = 'instance' | 'key-pair' | 'security-group' | 'image' | 'snapshot' | 'volume' | 'object';
export type EventName = keyof EventPayloads;

export type BuildimgEvent = {
  [N in EventName]: { readonly name: N; readonly time: Date } & EventPayloads[N];
}[EventName];

/** Sends an event to whoever listens. */
export type Emit = <N extends EventName>(name: N, payload: EventPayloads[N]) => void;
