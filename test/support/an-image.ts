import type { ResolvedImage } from '../../src/config/resolved-config.js';
import type { FileFact, PlanFacts } from '../../src/plan/image-plan.js';

/** An image that says as little as possible; `changes` say what a test is about. */
export function anImage(changes: Partial<ResolvedImage> = {}): ResolvedImage {
  return {
    name: 'web',
    version: '1.4.0',
    region: 'us-east-1',
    architecture: 'x86_64',
    source: { kind: 'os', os: 'debian-12' },
    builder: { type: 'packer', instanceType: 'c7i.large', packerVersion: '1.6.6', sshPort: 22, sshTimeoutMinutes: 5 },
    provisioners: [{ name: 'seal', options: { machineId: 'empty', zeroFill: false } }],
    scan: { policy: 'baseline', failOn: 'none', waivers: [] },
    ami: { tags: {}, encrypt: false },
    secrets: [],
    ...changes,
  };
}

/** Facts of files that need not exist: each path given, and scripts for every provisioner that a test may use. */
export function planFacts(files: Readonly<Record<string, FileFact>> = {}, root = '/config'): PlanFacts {
  const names = ['file', 'harden', 'update', 'packages', 'seal', 'lib/common', 'lib/distro', 'lib/packages'];
  const scripts = names.map((name) => `${name}.sh`);
  return {
    root,
    provisionersDir: '/buildimg/provisioners',
    files: new Map([
      ...scripts.map(
        (name) => [`/buildimg/provisioners/${name}`, { digest: `digest of ${name}`, mode: 0o755 }] as const,
      ),
      ...Object.entries(files),
    ]),
  };
}
