import { describe, expect, it } from '@jest/globals';
import { planImage, withNameSuffix } from '../../src/plan/plan-image.js';
import { anImage, planFacts } from '../support/an-image.js';

describe('planImage', () => {
  it('names the AMI after image, architecture, version and inputs', () => {
    const plan = planImage(anImage(), planFacts());

    expect(plan.amiName).toBe(`web-x86_64-1.4.0-${plan.inputsDigest.slice(0, 8)}`);
    expect(plan.inputsDigest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('asks for an operating system by its publisher when nothing was looked up', () => {
    const plan = planImage(anImage(), planFacts());

    expect(plan.source).toEqual({
      kind: 'filter',
      owners: ['136693071363'],
      filters: { name: 'debian-12-amd64-*', 'root-device-type': 'ebs', 'virtualization-type': 'hvm' },
      rootDeviceName: '/dev/xvda',
    });
    expect(plan.loginUser).toBe('admin');
  });

  it('pins the source image that was looked up', () => {
    const sourceImage = { id: 'ami-0123456789abcdef0', rootDeviceName: '/dev/sda1' };

    const plan = planImage(anImage(), { ...planFacts(), sourceImage });

    expect(plan.source).toEqual({ kind: 'ami', ...sourceImage });
    expect(plan.tags['buildimg:source']).toBe('ami-0123456789abcdef0');
  });

  it('takes the id of an SSM parameter as a variable when nothing was looked up', () => {
    const source = { kind: 'ssm-parameter', parameter: '/acme/base', owners: ['099720109477'] } as const;

    const plan = planImage(anImage({ source }), planFacts());

    expect(plan.source).toEqual({ kind: 'variable', parameter: '/acme/base' });
    expect(plan.loginUser).toBe('ubuntu');
  });

  it('refuses a source whose login user nobody knows', () => {
    const source = { kind: 'ami', id: 'ami-0123456789abcdef0' } as const;

    const plan = () => planImage(anImage({ source }), planFacts());

    expect(plan).toThrow(expect.objectContaining({ code: 'LOGIN_USER_UNKNOWN', exit: 2 }));
  });

  it('refuses a name that EC2 would refuse', () => {
    const image = anImage({ name: 'w'.repeat(120) });

    expect(() => planImage(image, planFacts())).toThrow(expect.objectContaining({ code: 'AMI_NAME_INVALID' }));
  });

  it('keeps provisioners in the order written, each followed by its proof', () => {
    const provisioners = [
      { name: 'harden', options: {} },
      { name: 'shell', options: { inline: ['true'] } },
      { name: 'update', options: {} },
      { name: 'seal', options: {} },
    ];

    const plan = planImage(anImage({ provisioners }), planFacts());

    expect(plan.steps.map((step) => step.path)).toEqual([
      'provisioners/harden.sh',
      'scripts/02-inline.sh',
      'provisioners/update.sh',
      'provisioners/seal.sh',
    ]);
  });

  it('carries the provisioners that are used, each as one file, once', () => {
    const provisioners = [
      { name: 'harden', options: {} },
      { name: 'harden', options: {} },
    ];

    const plan = planImage(anImage({ provisioners }), planFacts());

    expect(plan.payload).toEqual([
      {
        path: 'provisioners/harden.sh',
        mode: 0o755,
        content: { copyOf: '/buildimg/provisioners/harden.sh' },
      },
    ]);
  });

  it('names a file of the user that nobody gathered', () => {
    const provisioners = [{ name: 'shell', options: { script: '/config/missing.sh' } }];

    const plan = () => planImage(anImage({ provisioners }), planFacts());

    expect(plan).toThrow(expect.objectContaining({ code: 'PAYLOAD_FILE_MISSING' }));
  });

  it('lets a user choose the Name tag but not the tags that images are found by', () => {
    const tags = { Name: 'mine', team: 'web', 'buildimg:image': 'other' };

    const plan = planImage(anImage({ ami: { tags, encrypt: false } }), planFacts());

    expect(plan.tags).toMatchObject({ Name: 'mine', team: 'web', 'buildimg:image': 'web' });
  });
});

describe('the digest of the inputs', () => {
  it('does not change with the folder that the config lies in', () => {
    expect(digestWith('/somewhere', 'a')).toBe(digestWith('/else/where', 'a'));
  });

  it('changes when a file changes', () => {
    expect(digestWith('/config', 'a')).not.toBe(digestWith('/config', 'b'));
  });

  it.each([
    ['seal.sh', true],
    ['file.sh', true],
    ['harden.sh', false],
  ])('changes when and only when a built-in provisioner that is used changes: %s', (name, isUsed) => {
    const facts = planFacts({ '/config/motd': { digest: 'digest of motd', mode: 0o644 } });
    const newer = new Map(facts.files).set(`/buildimg/provisioners/${name}`, { digest: 'newer', mode: 0o755 });
    const provisioners = [
      { name: 'file', options: { source: '/config/motd', destination: '/etc/motd' } },
      { name: 'seal', options: {} },
    ];

    const digests = [facts, { ...facts, files: newer }].map(
      (each) => planImage(anImage({ provisioners }), each).inputsDigest,
    );

    expect(digests[0] !== digests[1]).toBe(isUsed);
  });

  it('does not change with the order of keys, the instance type or the region', () => {
    const first = anImage({ ami: { tags: { a: '1', b: '2' }, encrypt: false } });
    const builder = { ...first.builder, instanceType: 'm7i.large' };
    const second = { ...first, region: 'eu-west-1', builder, ami: { encrypt: false, tags: { b: '2', a: '1' } } };

    const digests = [first, second].map((image) => planImage(image, planFacts()).inputsDigest);

    expect(digests[0]).toBe(digests[1]);
  });

  it.each([
    ['the version', { version: '1.4.1' }],
    ['encryption', { ami: { tags: {}, encrypt: true } }],
    ['a tag', { ami: { tags: { team: 'web' }, encrypt: false } }],
    ['an option', { provisioners: [{ name: 'seal', options: { machineId: 'uninitialized', zeroFill: false } }] }],
  ])('changes with %s', (_what, change) => {
    const digests = [anImage(), anImage(change)].map((image) => planImage(image, planFacts()).inputsDigest);

    expect(digests[0]).not.toBe(digests[1]);
  });
});

describe('withNameSuffix', () => {
  it('renames the AMI and its Name tag, and keeps the inputs', () => {
    const plan = planImage(anImage(), planFacts());

    const renamed = withNameSuffix(plan, '-r2');

    expect(renamed.amiName).toBe(`${plan.amiName}-r2`);
    expect(renamed.tags.Name).toBe(`${plan.amiName}-r2`);
    expect(renamed.inputsDigest).toBe(plan.inputsDigest);
  });
});

function digestWith(root: string, digest: string): string {
  const provisioners = [{ name: 'shell', options: { script: `${root}/scripts/install.sh` } }];
  const facts = planFacts({ [`${root}/scripts/install.sh`]: { digest, mode: 0o755 } }, root);
  return planImage(anImage({ provisioners }), facts).inputsDigest;
}
