// What `buildimg doctor` says about KVM, and how a wrong choice is met. What is found out by itself is tested in
// test/sandbox/machine/accelerator.test.ts, for it depends on the host.
import { describe, expect, it } from '@jest/globals';
import { createHome, type Home } from '../support/run-cli.js';

interface Finding {
  readonly what: string;
  readonly state: string;
  readonly detail: string;
}

describe('buildimg doctor', () => {
  it.each([
    ['tcg', 'note', 'none, so machines are emulated, about ten times slower: BUILDIMG_SANDBOX_ACCELERATOR says so.'],
    ['kvm', 'good', 'KVM: BUILDIMG_SANDBOX_ACCELERATOR says so.'],
  ])('shows that the user has decided for %s', async (choice, state, detail) => {
    await withHome({ BUILDIMG_SANDBOX_ACCELERATOR: choice }, async (home) => {
      expect(await findAcceleration(home)).toEqual({ what: 'acceleration', state, detail });
    });
  });

  it('shows what was found out, why, and how to decide by hand', async () => {
    await withHome({ BUILDIMG_SANDBOX_ACCELERATOR: '' }, async (home) => {
      const { detail } = await findAcceleration(home);

      // Which of them is true is up to the host.
      expect(detail).toMatch(
        /^(KVM: (a guest was run with it|\/dev\/kvm is there)|none, so machines are emulated, about ten times slower: ).*\./,
      );
    });
  });

  it('says what is wrong with a choice that there is not', async () => {
    await withHome({ BUILDIMG_SANDBOX_ACCELERATOR: 'hvf' }, async (home) => {
      const { state, detail } = await findAcceleration(home);

      expect(state).toBe('missing');
      expect(detail).toContain('BUILDIMG_SANDBOX_ACCELERATOR is "hvf", which is neither kvm nor tcg');
    });
  });
});

describe('buildimg sandbox up', () => {
  it('refuses a choice of accelerator that there is not, and starts nothing', async () => {
    await withHome({ BUILDIMG_SANDBOX_ACCELERATOR: 'yes' }, async (home) => {
      const { status, stderr } = await home.run('sandbox', 'up');
      const after = await home.run('sandbox', 'status');

      expect(status).toBe(2);
      expect(stderr).toContain('BUILDIMG_SANDBOX_ACCELERATOR is "yes", which is neither kvm nor tcg');
      expect(after.stdout).toContain('The sandbox is down');
    });
  });
});

async function findAcceleration(home: Home): Promise<Finding | Record<string, never>> {
  const { stdout } = await home.run('doctor', '--json');
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly Finding[] };
  return findings.find(({ what }) => what === 'acceleration') ?? {};
}

async function withHome(
  variables: Readonly<Record<string, string>>,
  use: (home: Home) => Promise<void>,
): Promise<void> {
  const home = await createHome(variables);
  try {
    await use(home);
  } finally {
    home.remove();
  }
}
