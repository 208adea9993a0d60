import { describe, expect, it } from '@jest/globals';
import { findProblemsInText, loadText } from './support/find-problems.js';

const PLACES = [
  ['a tag', 'ami: { tags: { token: "x-REFERENCE" } }'],
  ['the description', 'ami: { description: "by REFERENCE" }'],
  ['the lines of a script', 'provisioners: [{ shell: { inline: ["curl -H REFERENCE"] } }]'],
  ['the title of a step', 'provisioners: [{ shell: { inline: ["true"], title: "REFERENCE" } }]'],
  ['a destination', 'provisioners: [{ file: { source: ".", destination: "/REFERENCE" } }]'],
  ['a tag of publish', 'publish: { tags: { a: "REFERENCE" } }'],
  [
    'a setting of an environment',
    'beanstalk: { environment: e, optionSettings: [{ namespace: "a:b", optionName: P, value: "REFERENCE" }] }',
  ],
] as const;

const aConfig = (image: string) => `version: 1
variables:
  token: { secret: true }
images:
  web:
    version: 1.0.0
    source: { os: debian-12 }
    ${image}
`;

describe.each([
  ['a secret variable', '${var:token}', 'token', {}],
  ['a variable of the environment with the name of a secret', '${env:DB_PASSWORD}', 'DB_PASSWORD', {}],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of the config
  ['one whose value is a known token', '${env:THING}', 'THING', { THING: `ghp_${'a1'.repeat(20)}` }],
])('%s', (_what, reference, name, environment) => {
  it.each(PLACES)('is refused in %s, with its place and without its value', async (_place, image) => {
    const problems = await findProblemsInText(aConfig(image.replace('REFERENCE', reference)), {
      variables: { token: 'tellnobody' },
      environment: { DB_PASSWORD: 'tellnobody', ...environment },
    });

    const problem = problems.find(({ code }) => code === 'CONFIG_SECRET_PLACE');
    expect(problem).toMatchObject({ line: 8, message: expect.stringContaining(name) });
    expect(JSON.stringify(problems)).not.toContain('tellnobody');
  });
});

const load = (environment: Readonly<Record<string, string>>, variable = 'default: "${env:VALUE}"') =>
  loadText(
    aConfig(
      'provisioners: [{ shell: { inline: ["true"], environment: { A: "${env:STAGE}", B: "${var:value}" } } }]',
    ).replace('token: { secret: true }', `value: { ${variable} }`),
    { environment: { STAGE: 'prod', VALUE: 'plain', ...environment } },
  );

describe('loadConfig, what counts as a secret', () => {
  it('leaves alone what neither declaration, name nor value calls a secret', async () => {
    const config = await load({});

    expect(config.secrets).toEqual([]);
    expect(config.images[0]?.secrets).toEqual([]);
  });

  it('takes a variable for a secret whose default comes from one', async () => {
    const config = await load({ API_TOKEN: 'abcd' }, 'default: "${env:API_TOKEN}"');

    expect(config.images[0]?.secrets).toEqual([
      {
        name: 'value',
        value: 'abcd',
        entry: 'web',
        where: 'images.web.provisioners[0].shell.environment.B',
      },
    ]);
  });

  it('believes a declaration that it is none', async () => {
    const config = await load({ API_TOKEN: 'abcd' }, 'default: "${env:API_TOKEN}", secret: false');

    expect(config.images[0]?.secrets).toEqual([]);
  });
});

describe('loadConfig, secrets that are written out', () => {
  const KEY_ID = `AKIA${'Q3EG'.repeat(4)}`;

  it.each([
    ['a key id of AWS', `environment: { ANY: ${KEY_ID} }`, 'SEC-001', KEY_ID],
    ['a secret key of AWS', `environment: { AWS_SECRET_ACCESS_KEY: ${'aB3/'.repeat(10)} }`, 'SEC-009', 'aB3/aB3/'],
    ['a token', `environment: { ANY: "Bearer ghp_${'a1B2'.repeat(9)}" }`, 'SEC-004', 'a1B2a1B2'],
    ['a password', 'environment: { DB_PASSWORD: Tr0ub4dor }', 'SEC-009', 'Tr0ub4dor'],
    ['a URL', 'environment: { INDEX: "https://ci:s3cretpw@pypi.acme.dev/simple" }', 'SEC-005', 's3cretpw'],
    ['an inline line', `title: "x ${KEY_ID}"`, 'SEC-001', KEY_ID],
  ])('refuses %s with its place, and does not show it', async (_what, options, check, value) => {
    const text = aConfig(`provisioners:\n      - shell:\n          inline: ["true"]\n          ${options}`);

    const problems = await findProblemsInText(text);

    expect(problems).toMatchObject([
      { code: 'CONFIG_SECRET_LITERAL', line: 11, column: expect.any(Number), message: expect.stringContaining(check) },
    ]);
    expect(JSON.stringify(problems)).not.toContain(value);
  });

  it.each(['${var:token}', '$TOKEN', '/run/token', 'changes_me'])('lets %s stand', async (value) => {
    const text = aConfig(`provisioners: [{ shell: { inline: ["true"], environment: { API_TOKEN: "${value}" } } }]`);

    expect(await findProblemsInText(text, { variables: { token: 'tellnobody' } })).toEqual([]);
  });
});
