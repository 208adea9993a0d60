import { describe, expect, it } from '@jest/globals';
import type { ResolvedImage } from '../../src/config/resolved-config.js';
import { planImage } from '../../src/plan/plan-image.js';
import { renderProvisioners } from '../../src/render/packer/provisioners.js';
import { renderTemplate } from '../../src/render/packer/render-template.js';
import { renderForBuild, renderImage } from '../../src/render/render-image.js';
import type { RenderedFile } from '../../src/render/rendered-file.js';
import { anImage, planFacts } from '../support/an-image.js';

const templates = new Map([
  ['packer-readme.md.hbs', '{{image}}'],
  ['collect-tree.sh', 'collect'],
]);

describe('renderImage', () => {
  it.each(['packer-json', 'packer-hcl2'] as const)('renders %s to the same bytes every time', (target) => {
    const plans = [planImage(anImage(), planFacts()), planImage(anImage(), planFacts())];

    const rendered = plans.map((plan) => JSON.stringify(renderImage(plan, target, templates)));

    expect(rendered[0]).toBe(rendered[1]);
  });

  it('puts a marker before each step of a build and the gate before the last, and neither into what is built by hand', () => {
    const plan = planImage(
      anImage({
        provisioners: [
          { name: 'update', options: {} },
          { name: 'seal', options: {} },
        ],
      }),
      planFacts(),
    );
    const gated = renderForBuild(plan, { templates, isGated: true });
    const open = renderForBuild(plan, { templates, isGated: false });

    const marked = ['shell-local shell file', 'shell-local shell', 'shell-local shell shell-local'];
    const gate = ['shell-local shell file', 'shell-local shell-local'];
    expect(typesOf(gated).join(' ')).toBe([...marked.slice(0, 2), ...gate, ...marked.slice(2)].join(' '));
    expect(gated.map(({ path }) => path)).toContain('provisioners/collect-tree.sh');
    expect(typesOf(open).join(' ')).toBe(marked.join(' '));
    expect(typesOf(renderImage(plan, 'packer-json', templates))).toEqual(['shell', 'file', 'shell', 'shell']);
  });

  it('keeps the order of provisioners in both dialects', () => {
    const provisioners = ['one', 'two', 'three'].flatMap((title) => [
      { name: 'shell', options: { inline: [title] } },
      { name: 'file', options: { source: `/config/${title}`, destination: '/' } },
    ]);
    const fact = { digest: 'd', mode: 0o644 };
    const facts = planFacts({ '/config/one': fact, '/config/two': fact, '/config/three': fact });

    const plan = planImage(anImage({ provisioners }), facts);

    const types = ['shell', 'file', ...provisioners.map(() => 'shell')];
    expect(readJson(plan, 'packer-json', 'template.json')).toMatchObject({
      provisioners: types.map((type) => ({ type })),
    });
    expect(readJson(plan, 'packer-hcl2', 'template.pkr.json')).toMatchObject({
      build: { provisioner: types.map((type) => ({ [type]: expect.anything() })) },
    });
  });

  it('says that nothing connects after the last step', () => {
    const plan = planImage(anImage(), planFacts());

    const last = renderProvisioners(plan).at(-1)?.provisioner;

    expect(last).toMatchObject({
      inline: ['rm -f "$0"', 'exec bash /tmp/buildimg-upload/provisioners/seal.sh'],
      skip_clean: true,
      expect_disconnect: false,
    });
  });

  it('keeps values out of command lines', () => {
    const options = { inline: ['true'], environment: { TOKEN: 'value of the token' } };

    const plan = planImage(anImage({ provisioners: [{ name: 'shell', options }] }), planFacts());

    expect(renderProvisioners(plan)).toMatchObject([
      { title: 'shell', provisioner: { environment_vars: ['TOKEN=value of the token'], use_env_var_file: true } },
    ]);
    expect(
      JSON.stringify(renderProvisioners(plan).map((each) => Object(each.provisioner).execute_command)),
    ).not.toContain('value');
  });

  it.each([
    ['ami.description', { description: 'a {{ b', tags: {}, encrypt: false }],
    ['ami.tags["team"]', { tags: { team: '{{x}}' }, encrypt: false }],
    ['ami.tags["{{k"]', { tags: { '{{k': 'x' }, encrypt: false }],
  ])('refuses a template in %s, which Packer cannot escape there', (field, ami) => {
    const plan = planImage(anImage({ ami }), planFacts());

    expect(() => renderTemplate(plan)).toThrow(
      expect.objectContaining({ code: 'PACKER_TEMPLATE_IN_TEXT', message: expect.stringContaining(field) }),
    );
  });

  it('never opens the build instance to everybody', () => {
    const networks: readonly Partial<ResolvedImage['builder']>[] = [
      {},
      { sshSourceCidrs: ['203.0.113.0/24'] },
      { securityGroupIds: ['sg-0123456789abcdef0'] },
    ];

    const sources = networks.map(
      (network) =>
        renderTemplate(planImage(anImage({ builder: { ...anImage().builder, ...network } }), planFacts())).source,
    );

    expect(sources.map((source) => source.temporary_security_group_source_cidrs)).toEqual([
      [expect.objectContaining({ text: 'ssh_source_cidr' })],
      ['203.0.113.0/24'],
      undefined,
    ]);
    expect(sources[2]?.security_group_ids).toEqual(['sg-0123456789abcdef0']);
  });

  it('encrypts the launch volume with the key of the config', () => {
    const plan = planImage(anImage({ ami: { tags: {}, encrypt: true, kmsKeyId: 'alias/images' } }), planFacts());

    const template = renderTemplate(plan);

    expect(JSON.stringify(template)).toContain('"encrypted":true,"kms_key_id":"alias/images"');
  });

  it('refuses to encrypt a root volume whose device is unknown', () => {
    const builder = { ...anImage().builder, sshUsername: 'admin' };
    const source = { kind: 'ami', id: 'ami-0123456789abcdef0' } as const;

    const plan = planImage(anImage({ builder, source, ami: { tags: {}, encrypt: true } }), planFacts());

    expect(() => renderTemplate(plan)).toThrow(expect.objectContaining({ code: 'ROOT_DEVICE_UNKNOWN' }));
  });

  it.each([
    ['1.6.6', {}],
    ['1.7.0', { metadata_options: { http_tokens: 'required' } }],
    ['1.8.0', { metadata_options: { http_tokens: 'required' }, temporary_key_pair_type: 'ed25519' }],
    ['1.16.0', { metadata_options: { http_tokens: 'required' }, imds_support: 'v2.0' }],
  ])('uses what Packer %s knows', (packerVersion, expected) => {
    const plan = planImage(anImage({ builder: { ...anImage().builder, packerVersion } }), planFacts());

    const { source } = renderTemplate(plan);

    expect(source).toMatchObject(expected);
    expect('metadata_options' in source).toBe('metadata_options' in expected);
  });
});

function readJson(plan: ReturnType<typeof planImage>, target: 'packer-json' | 'packer-hcl2', path: string): unknown {
  const file = renderImage(plan, target, templates).find((each) => each.path === path);
  return file !== undefined && 'text' in file.content ? JSON.parse(file.content.text) : undefined;
}

/** Types of the provisioners of the legacy template. */
function typesOf(files: readonly RenderedFile[]): readonly string[] {
  const content = files.find(({ path }) => path === 'template.json')?.content ?? { text: '' };
  const { provisioners } = JSON.parse('text' in content ? content.text : '') as {
    provisioners: { type: string }[];
  };
  return provisioners.map(({ type }) => type);
}
