import { describe, expect, it } from '@jest/globals';
import type { AwsAccess } from '../../../src/aws/create-aws-access.js';
import type { ParameterStore, ParameterView } from '../../../src/aws/distribution-ports.js';
import { createLedger, type PublishScope } from '../../../src/build/publish/publish-scope.js';
import { writeParameter } from '../../../src/build/publish/write-parameter.js';
import { planImage } from '../../../src/plan/plan-image.js';
import { anImage, planFacts } from '../../support/an-image.js';
import { createFakeClock } from '../../support/fake-clock.js';
import { aMachineImage } from '../../support/fake-ec2.js';

const VERSIONED = { kind: 'ssm-parameter', role: 'versioned', name: '/acme/web/1.4.0' } as const;

describe('writeParameter', () => {
  it('says so when SSM takes the id and does not write it', async () => {
    const { scope } = aScope({ put: () => undefined });

    const failure = writeParameter(VERSIONED, scope);

    await expect(failure).rejects.toMatchObject({
      code: 'PARAMETER_NOT_WRITTEN',
      message: 'SSM took ami-1 for /acme/web/1.4.0 in us-east-1, but the parameter does not exist',
    });
  });

  it('warns when the version was built before, and replaces its image', async () => {
    const { scope, store, warnings } = aScope();
    store.set(VERSIONED.name, { type: 'String', value: 'ami-0', version: 1 });

    await writeParameter(VERSIONED, scope);

    expect(store.get(VERSIONED.name)?.value).toBe('ami-1');
    expect(warnings).toEqual([
      '/acme/web/1.4.0 in us-east-1 was ami-0 and becomes ami-1: this version was built before',
    ]);
  });

  it('opens no run and writes nothing when the parameter holds the image already', async () => {
    const { scope, store, intended } = aScope();
    store.set(VERSIONED.name, { type: 'String', value: 'ami-1', version: 1 });

    await writeParameter(VERSIONED, scope);

    expect(intended).toEqual([]);
    expect(scope.ledger.parameters).toEqual([{ region: 'us-east-1', name: VERSIONED.name, imageId: 'ami-1' }]);
  });

  it('is announced, and the image kept, before SSM is asked', async () => {
    const order: string[] = [];
    const { scope, intended } = aScope({ put: () => void order.push(...intended) });

    await writeParameter(VERSIONED, scope).catch(() => undefined);

    expect(order).toEqual(['published ami-1', 'put-parameter']);
  });
});

function aScope({ put }: { readonly put?: () => void } = {}) {
  const store = new Map<string, ParameterView>();
  const intended: string[] = [];
  const warnings: string[] = [];
  const parameters: ParameterStore = {
    findParameter: async (name) => store.get(name),
    async putImageParameter({ name, imageId }) {
      if (put === undefined) store.set(name, { type: 'String', value: imageId, version: 1 });
      else put();
    },
  };
  const aws = { region: 'us-east-1', inRegion: () => ({ parameters }) } as unknown as AwsAccess;
  const run = {
    intend: ({ operation }: { readonly operation: string }) => void intended.push(operation),
    publish: ({ id }: { readonly id: string }) => void intended.push(`published ${id}`),
  };
  const scope = {
    plan: planImage(anImage(), planFacts()),
    request: { aws },
    context: {
      clock: createFakeClock(),
      emit: (name: string, event: { readonly message?: string }) => {
        if (name === 'warning.raised') warnings.push(event.message ?? '');
      },
    },
    signal: new AbortController().signal,
    late: { open: async () => run, findRun: () => run },
    ledger: createLedger('us-east-1', aMachineImage({ id: 'ami-1' })),
    scan: undefined,
  } as unknown as PublishScope;
  return { scope, store, intended, warnings };
}
