import type { ValueShower } from '../check-shape.js';
import type { PartialConfig } from '../config-input.js';
import { expandMatrix } from '../expand-matrix.js';
import type { PathFact } from '../inspect-paths.js';
import type { ProblemDraft } from '../problem.js';
import { amiTextsHaveNoTemplates, platformOptionsAreUnique, tagsAreNotReserved } from './ami-rules.js';
import {
  builderKeysAreUsed,
  builderKeysFit,
  cidrsAreUsed,
  ec2HasInstanceProfile,
  instanceTypeHasArchitecture,
  rootVolumeSizeFits,
  secretsAreNotSent,
  vpcNeedsSubnet,
} from './builder-rules.js';
import type { ImageRule } from './image-rule.js';
import { findSharedNames } from './matrix-rules.js';
import {
  beanstalkCanRunInTmp,
  branchIsLinux,
  commandOptionIsDefined,
  foldersAreFolders,
  imageIsNotSetTwice,
  platformProfileCanBuild,
  rolloutFitsEnvironment,
  runtimeHasSystemd,
} from './platform-rules.js';
import { destinationsArePlain, pathsAreInsideRoot, sealIsLast, shellHasOneSource } from './provisioner-rules.js';
import { findSharedOutputs, manifestIsInsideRoot, parametersCanBeWritten } from './publish-output-rules.js';
import {
  bootTestCanRun,
  copiesGoElsewhere,
  deprecationIsInReach,
  encryptedImagesCanBeShared,
  granteesAreUnique,
  keyNeedsEncryption,
  keysAreOfTheirRegion,
  snapshotsHaveGrantees,
  tagsFit,
} from './publish-rules.js';
import { waiversAreUsable } from './scan-rules.js';
import {
  filtersAreKnown,
  loginUserIsKnown,
  osHasArchitecture,
  sourceHasOwners,
  sourceIsNotMarketplace,
} from './source-rules.js';

/** Every rule that looks at more than one field. A new one is a function and a line here. */
const imageRules: readonly ImageRule[] = [
  sourceHasOwners,
  sourceIsNotMarketplace,
  filtersAreKnown,
  osHasArchitecture,
  loginUserIsKnown,
  instanceTypeHasArchitecture,
  vpcNeedsSubnet,
  cidrsAreUsed,
  builderKeysAreUsed,
  builderKeysFit,
  secretsAreNotSent,
  ec2HasInstanceProfile,
  rootVolumeSizeFits,
  sealIsLast,
  pathsAreInsideRoot,
  shellHasOneSource,
  destinationsArePlain,
  tagsAreNotReserved,
  amiTextsHaveNoTemplates,
  platformOptionsAreUnique,
  waiversAreUsable,
  copiesGoElsewhere,
  keysAreOfTheirRegion,
  keyNeedsEncryption,
  encryptedImagesCanBeShared,
  granteesAreUnique,
  snapshotsHaveGrantees,
  deprecationIsInReach,
  bootTestCanRun,
  tagsFit,
  parametersCanBeWritten,
  manifestIsInsideRoot,
  platformProfileCanBuild,
  commandOptionIsDefined,
  runtimeHasSystemd,
  foldersAreFolders,
  branchIsLinux,
  rolloutFitsEnvironment,
  imageIsNotSetTwice,
  beanstalkCanRunInTmp,
];

export interface RuleFacts extends ValueShower {
  readonly pathFacts: ReadonlyMap<string, PathFact>;
  readonly isSecret: (text: string) => boolean;
}

/** Everything in `config` that has the right shape and does not belong together. */
export function checkRules(config: PartialConfig, facts: RuleFacts): readonly ProblemDraft[] {
  const ofImages = expandMatrix(config.images ?? {}).flatMap(({ entry, image }) =>
    imageRules.flatMap((rule) => rule(image, { ...facts, path: ['images', entry] })),
  );
  return withoutRepetitions([...ofImages, ...findSharedNames(config), ...findSharedOutputs(config)]);
}

/** Images of one matrix share their mistakes. */
function withoutRepetitions(problems: readonly ProblemDraft[]): readonly ProblemDraft[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}
