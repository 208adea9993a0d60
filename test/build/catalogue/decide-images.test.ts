import { describe, expect, it } from '@jest/globals';
import type { UseKind } from '../../../src/aws/catalogue-ports.js';
import { decideImages, findCandidates } from '../../../src/build/catalogue/decide-images.js';
import type { ImageFacts, KeepRules } from '../../../src/build/catalogue/image-facts.js';
import { anOwnImage, daysAgo, imageFacts, keepRules, unused } from '../../support/an-own-image.js';

const IMAGE = anOwnImage('ami-1');
const DENIED = { unknown: 'These credentials may not call it' };

interface Case {
  readonly title: string;
  readonly facts: ImageFacts;
  readonly rules?: Partial<KeepRules>;
  /** Rule and text of every reason. */
  readonly keeps: readonly string[];
}

const used = (kind: UseKind, user: string) =>
  imageFacts([IMAGE], { uses: { [kind]: { value: [{ imageId: 'ami-1', user }] } } });
const unknown = (kind: UseKind) => imageFacts([IMAGE], { uses: { [kind]: DENIED } });
const detailed = (changes: Parameters<typeof unused>[0]) =>
  imageFacts([IMAGE], { details: new Map([['ami-1', unused(changes)]]) });
const tagged = (tags: Readonly<Record<string, string>>, changes: Partial<ImageFacts> = {}) =>
  imageFacts([anOwnImage('ami-1', { tags })], changes);

const isIgnored = (name: string) => name.startsWith('/acme/versions/');

const CASES: readonly Case[] = [
  {
    title: 'the newest one',
    facts: imageFacts([IMAGE]),
    rules: { keep: 1 },
    keeps: ['newest: is the newest of web for x86_64'],
  },
  {
    title: 'a young one',
    facts: imageFacts([anOwnImage('ami-1', { createdAt: daysAgo(12) })]),
    keeps: ['young: is 12 days old, younger than 90 days'],
  },
  {
    title: 'one whose age is not known',
    facts: imageFacts([anOwnImage('ami-1', { createdAt: '' })]),
    keeps: ['young: is of unknown age, not known to be older than 90 days'],
  },
  {
    title: 'one that an instance runs',
    facts: used('instance', 'i-1 (stopped)'),
    keeps: ['instance: runs as instance i-1 (stopped)'],
  },
  {
    title: 'one that a launch template names',
    facts: used('launch-template', 'web version 3 (latest)'),
    keeps: ['launch-template: is launched by launch template web version 3 (latest)'],
  },
  {
    title: 'one that a parameter names',
    facts: used('parameter', '/acme/web'),
    keeps: ['parameter: is named by SSM parameter /acme/web'],
  },
  {
    title: 'one that an environment uses',
    facts: used('environment', 'shop-live'),
    keeps: ['environment: is used by Elastic Beanstalk environment shop-live'],
  },
  {
    title: 'the image of a custom platform',
    facts: used('platform', 'acme/1.0.4'),
    keeps: ['platform: is the image of custom platform acme/1.0.4'],
  },
  {
    title: 'one that is tagged to be kept, whatever the value',
    facts: tagged({ 'buildimg:keep': '' }),
    keeps: ['tagged: carries the tag buildimg:keep'],
  },
  {
    title: 'one that is protected',
    facts: imageFacts([anOwnImage('ami-1', { isProtected: true })]),
    keeps: ['protected: is protected from deregistration'],
  },
  {
    title: 'one that is pending',
    facts: imageFacts([anOwnImage('ami-1', { state: 'pending' })]),
    keeps: ['pending: is pending'],
  },
  {
    title: 'one whose run is alive',
    facts: tagged({ 'buildimg:run': 'r-1' }, { runs: { alive: new Set(['r-1']), known: new Set(['r-1']) } }),
    keeps: ['run: its run r-1 is alive'],
  },
  {
    title: 'one of today that was not scanned and whose run nobody here knows',
    facts: imageFacts([anOwnImage('ami-1', { createdAt: daysAgo(0.5), tags: { 'buildimg:run': 'r-2' } })]),
    rules: { olderThanMs: 0 },
    keeps: ['run: its run r-2 is of another machine, and may be alive'],
  },
  {
    title: 'a public one',
    facts: imageFacts([anOwnImage('ami-1', { isPublic: true })]),
    keeps: ['shared: is public'],
  },
  {
    title: 'one that is shared',
    facts: detailed({ sharedWith: { value: ['1', '2', '3', '4', '5'] } }),
    keeps: ['shared: is shared with 1, 2, 3 and 2 more'],
  },
  {
    title: 'one that was launched of late',
    facts: detailed({ lastLaunch: { value: daysAgo(5) } }),
    keeps: ['launched: was launched on 2026-11-17, within 30 days'],
  },
  {
    title: 'one of which nobody may know whom it is shared with',
    facts: detailed({ sharedWith: DENIED }),
    keeps: ['unknown: Whom it is shared with is not known: These credentials may not call it'],
  },
  {
    title: 'one of which nobody may know when it was launched',
    facts: detailed({ lastLaunch: DENIED }),
    keeps: ['unknown: When it was launched last is not known: These credentials may not call it'],
  },
  {
    title: 'one of which instances may not be asked',
    facts: unknown('instance'),
    keeps: ['unknown: Whether an instance runs it is not known: These credentials may not call it'],
  },
  {
    title: 'one of which launch templates may not be asked',
    facts: unknown('launch-template'),
    keeps: ['unknown: Whether a launch template names it is not known: These credentials may not call it'],
  },
  {
    title: 'one of which parameters may not be asked',
    facts: unknown('parameter'),
    keeps: ['unknown: Whether an SSM parameter names it is not known: These credentials may not call it'],
  },
  {
    title: 'one of which Elastic Beanstalk may not be asked',
    facts: imageFacts([IMAGE], { uses: { environment: DENIED, platform: DENIED } }),
    keeps: [
      'unknown: Whether an environment uses it is not known: These credentials may not call it',
      'unknown: Whether a custom platform is made of it is not known: These credentials may not call it',
    ],
  },
];

describe('decideImages', () => {
  it('lets an old image go that nothing keeps, and says why', () => {
    const decisions = decideImages(imageFacts([IMAGE]), keepRules());

    expect(decisions).toMatchObject([
      {
        verdict: 'remove',
        reasons: [
          { rule: 'expendable', text: 'is not among the newest 0, 200 days old, never launched, nothing uses it' },
        ],
      },
    ]);
  });

  it.each(CASES)('keeps $title', ({ facts, rules, keeps }) => {
    const [decision] = decideImages(facts, keepRules(rules));

    expect(decision?.verdict).toBe('keep');
    expect(decision?.reasons.map(({ rule, text }) => `${rule}: ${text}`)).toEqual(keeps);
  });

  it('keeps the newest of each image and architecture, and counts only those that can be launched', () => {
    const images = [
      anOwnImage('ami-failed', { createdAt: daysAgo(100), state: 'failed' }),
      anOwnImage('ami-new', { createdAt: daysAgo(110) }),
      anOwnImage('ami-old', { createdAt: daysAgo(120) }),
      anOwnImage('ami-arm', { createdAt: daysAgo(300), architecture: 'arm64' }),
      anOwnImage('ami-other', { createdAt: daysAgo(300), tags: { 'buildimg:image': 'api' } }),
    ];

    const decisions = decideImages(imageFacts(images), keepRules({ keep: 1 }));

    expect(decisions.map(({ image, verdict }) => `${verdict} ${image.id}`)).toEqual([
      'keep ami-other',
      'keep ami-arm',
      'remove ami-failed',
      'keep ami-new',
      'remove ami-old',
    ]);
  });

  it('takes shared images when asked to', () => {
    const shared = imageFacts([anOwnImage('ami-1', { isPublic: true })]);

    expect(decideImages(shared, keepRules({ takesShared: true }))[0]?.verdict).toBe('remove');
  });

  it('takes no notice of parameters that are to be ignored', () => {
    const verdicts = ['/acme/versions/1.0.0', '/acme/latest'].map(
      (name) => decideImages(used('parameter', name), keepRules({ isIgnored }))[0]?.verdict,
    );

    expect(verdicts).toEqual(['remove', 'keep']);
  });

  it('lets an image go that was launched long ago', () => {
    const facts = detailed({ lastLaunch: { value: daysAgo(100) } });

    const [decision] = decideImages(facts, keepRules());

    expect(decision?.verdict).toBe('remove');
    expect(decision?.reasons[0]?.text).toContain('last launched on 2026-08-14');
  });

  it('decides only about the images that were named, and counts all', () => {
    const images = [anOwnImage('ami-1'), anOwnImage('ami-2', { tags: { 'buildimg:image': 'api' } })];

    const decisions = decideImages(imageFacts(images), keepRules({ only: ['api'] }));

    expect(decisions.map(({ image }) => image.id)).toEqual(['ami-2']);
  });

  it('never lets an image go whose details nobody asked for', () => {
    const facts = { ...imageFacts([IMAGE]), details: new Map() };

    const [decision] = decideImages(facts, keepRules());

    expect(decision).toMatchObject({ verdict: 'keep', reasons: [{ rule: 'unknown' }] });
  });
});

describe('findCandidates', () => {
  it('names the images that only their details can keep', () => {
    const images = [anOwnImage('ami-1'), anOwnImage('ami-2', { isProtected: true })];

    expect(findCandidates(imageFacts(images), keepRules()).map(({ id }) => id)).toEqual(['ami-1']);
  });
});
