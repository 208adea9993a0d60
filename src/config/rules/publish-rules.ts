import type { PartialImage } from '../config-input.js';
import type { ConfigPath } from '../config-path.js';
import { quoteValue } from '../printable.js';
import { draftProblem, type ProblemDraft } from '../problem.js';
import { countDays } from '../resolve-publish.js';
import type { ImageRule } from './image-rule.js';

type Publish = NonNullable<PartialImage['publish']>;

/** A rule that looks at images with a `publish` section; `at` makes paths in it. */
function forPublished(
  rule: (publish: Publish, scope: { readonly image: PartialImage; readonly at: PathMaker }) => readonly ProblemDraft[],
): ImageRule {
  return (image, { path }) =>
    image.publish === undefined ? [] : rule(image.publish, { image, at: (...keys) => [...path, 'publish', ...keys] });
}

type PathMaker = (...keys: ConfigPath) => ConfigPath;

interface WrittenRegion {
  readonly region: string;
  readonly kmsKeyId: string | undefined;
  readonly path: ConfigPath;
}

function listRegions({ regions }: Publish, at: PathMaker): readonly WrittenRegion[] {
  if (Array.isArray(regions)) {
    const names = regions as readonly unknown[];
    return names.flatMap((region, index) =>
      typeof region === 'string' ? [{ region, kmsKeyId: undefined, path: at('regions', index) }] : [],
    );
  }
  const details = (regions ?? {}) as Readonly<Record<string, { readonly kmsKeyId?: string } | undefined>>;
  return Object.entries(details).map(([region, each]) => {
    return { region, kmsKeyId: each?.kmsKeyId, path: at('regions', region) };
  });
}

/** The image is made in its own region already, and a second copy in a region would need another name. */
export const copiesGoElsewhere = forPublished((publish, { image, at }) => {
  const home = image.region ?? 'us-east-1';
  const regions = listRegions(publish, at);
  return regions.flatMap(({ region, path }, index) => {
    if (region === home) {
      return [problem(path, `${quoteValue(region)} is the region that the image is built in`, 'leave it out')];
    }
    const isRepeated = regions.slice(0, index).some((other) => other.region === region);
    return isRepeated ? [problem(path, `${quoteValue(region)} stands here twice`)] : [];
  });
});

/** A key encrypts in its own region only. */
export const keysAreOfTheirRegion: ImageRule = ({ ami, publish, region = 'us-east-1' }, { path }) => {
  const copies = publish === undefined ? [] : listRegions(publish, (...keys) => [...path, 'publish', ...keys]);
  const home = { region, kmsKeyId: ami?.kmsKeyId, path: [...path, 'ami'] };
  return [home, ...copies].flatMap((each) => {
    const actual = /^arn:[^:]*:kms:([^:]*):/.exec(each.kmsKeyId ?? '')?.[1];
    if (actual === undefined || actual === each.region) return [];
    return [problem([...each.path, 'kmsKeyId'], `This key is of ${actual}, and encrypts nothing in ${each.region}`)];
  });
};

export const keyNeedsEncryption: ImageRule = ({ ami }, { path }) => {
  if (ami?.kmsKeyId === undefined || ami.encrypt === true) return [];
  return [problem([...path, 'ami', 'kmsKeyId'], 'kmsKeyId has no effect without encrypt: true', undefined, 'key')];
};

const OTHERS = ['accounts', 'organizations', 'organizationalUnits'] as const;

/** EC2 refuses to share what is encrypted with the key that it made for the account, and to publish what is encrypted. */
export const encryptedImagesCanBeShared = forPublished((publish, { image, at }) => {
  const isEncrypted = image.ami?.encrypt === true;
  const regions = listRegions(publish, at);
  const encrypted = regions.filter(({ kmsKeyId }) => kmsKeyId !== undefined);
  if (publish.public === true && (isEncrypted || encrypted.length > 0)) {
    const where = isEncrypted ? 'it' : `its copy in ${encrypted[0]?.region}`;
    return [problem(at('public'), `The image cannot be public: ${where} is encrypted`)];
  }
  const shared = OTHERS.find((key) => publish[key] !== undefined);
  if (shared === undefined) return [];
  const who = 'others could not read what is encrypted with the account’s own key for EBS';
  const withoutKey = regions.filter(({ kmsKeyId }) => isEncrypted && kmsKeyId === undefined);
  const own = [{ kmsKeyId: image.ami?.kmsKeyId, path: at(shared) }, ...regions].filter(({ kmsKeyId }) =>
    kmsKeyId?.endsWith('alias/aws/ebs'),
  );
  return [
    ...(isEncrypted && image.ami?.kmsKeyId === undefined
      ? [problem(at(shared), `An encrypted image is shared without a key: ${who}`, 'set ami.kmsKeyId', 'key')]
      : []),
    ...withoutKey.map(({ region, path }) =>
      problem(path, `The copy in ${region} is shared without a key: ${who}`, `write ${region}: { kmsKeyId: … }`),
    ),
    ...own.map(({ path }) => problem(path, `This image is shared: ${who}`, 'name a customer managed key', 'key')),
  ];
});

export const granteesAreUnique = forPublished((publish, { at }) =>
  OTHERS.flatMap((key) => {
    const list = (publish[key] ?? []) as readonly unknown[];
    return list.flatMap((grantee, index) =>
      list.indexOf(grantee) < index ? [problem(at(key, index), `${quoteValue(grantee)} stands here twice`)] : [],
    );
  }),
);

/** Volumes of a snapshot can be allowed to accounts and to everybody, not to organizations. */
export const snapshotsHaveGrantees = forPublished((publish, { at }) => {
  if (publish.snapshotsToo !== true || publish.accounts !== undefined || publish.public === true) return [];
  const hint = 'name accounts: EC2 shares snapshots with accounts only';
  return [problem(at('snapshotsToo'), 'snapshotsToo has no effect without accounts', hint, 'key')];
});

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableImageDeprecation.html */
export const deprecationIsInReach = forPublished((publish, { at }) => {
  const { deprecateAfter } = publish;
  if (deprecateAfter === undefined) return [];
  const [limit, whose] = publish.public === true ? [730, 'a public AMI'] : [3650, 'an AMI'];
  if (countDays(deprecateAfter) <= limit) return [];
  return [problem(at('deprecateAfter'), `EC2 deprecates ${whose} after ${limit} days at the latest`)];
});

/** Without a profile the agent on the instance may not register, and nothing can be run on it. */
export const bootTestCanRun = forPublished((publish, { image, at }) => {
  const { bootTest } = publish;
  if (typeof bootTest !== 'object' || bootTest.command === undefined) return [];
  if (image.builder?.iamInstanceProfile !== undefined) return [];
  const what = 'A command is run by SSM, and builder.iamInstanceProfile names no profile for it';
  return [
    problem(at('bootTest', 'command'), what, 'name a profile whose role has AmazonSSMManagedInstanceCore', 'key'),
  ];
});

/** EC2 takes fifty tags; twelve of them are buildimg's. */
export const tagsFit = forPublished((publish, { image, at }) => {
  const count = Object.keys({ ...image.ami?.tags, ...publish.tags }).length;
  if (count <= MAX_TAGS) return [];
  return [problem(at('tags'), `ami.tags and publish.tags are ${count} tags together; the limit is ${MAX_TAGS}`)];
});

const MAX_TAGS = 38;

function problem(path: ConfigPath, what: string, hint?: string, target?: 'key'): ProblemDraft {
  return draftProblem('CONFIG_PUBLISH', { path, ...(target && { target }) }, [what, hint]);
}
