import { listImageFolders } from '../image-folders.js';
import { draftProblem, type ProblemDraft } from '../problem.js';
import type { ImageRule } from './image-rule.js';

/** "Packer will fail to create a custom platform if you use" the profile that environments have by default. */
const ENVIRONMENT_PROFILE = 'aws-elasticbeanstalk-ec2-role';

export const platformProfileCanBuild: ImageRule = ({ platform }, { path }) =>
  platform?.builder?.instanceProfile === ENVIRONMENT_PROFILE
    ? [
        draftProblem('PLATFORM_INSTANCE_PROFILE', { path: [...path, 'platform', 'builder', 'instanceProfile'] }, [
          ENVIRONMENT_PROFILE,
        ]),
      ]
    : [];

/** The hooks of a runtime ask get-config for the option; one that is not defined could never be set. */
export const commandOptionIsDefined: ImageRule = ({ platform }, { path }) => {
  const wanted = platform?.runtime?.commandOption;
  if (wanted === undefined) return [];
  const isDefined = (platform?.optionDefinitions ?? []).some(
    (option) => option?.optionName === wanted && option.namespace === APPLICATION_NAMESPACE,
  );
  if (isDefined) return [];
  const place = { path: [...path, 'platform', 'runtime', 'commandOption'] };
  return [draftProblem('CONFIG_PLATFORM_COMMAND_OPTION', place, [wanted, APPLICATION_NAMESPACE])];
};

const APPLICATION_NAMESPACE = 'aws:elasticbeanstalk:container:custom:application';

/** Hooks, files and bundles are folders, whose names inside say where each file goes. */
export const foldersAreFolders: ImageRule = (image, { path, pathFacts, showValue }) =>
  listImageFolders(image, path)
    .filter(({ text }) => pathFacts.get(text)?.kind === 'file')
    .map(({ text, path: place }) =>
      draftProblem('CONFIG_PATH_KIND', { path: place }, [showValue(place, text), 'a file, not a folder']),
    );

/** Amazon Linux 1 and RHEL 6 start services by other means. */
export const runtimeHasSystemd: ImageRule = ({ platform }, { path }) => {
  const flavor = platform?.flavor;
  if (platform?.runtime === undefined || (flavor !== 'amazon' && flavor !== 'rhel6')) return [];
  return [draftProblem('CONFIG_PLATFORM_RUNTIME', { path: [...path, 'platform', 'flavor'] }, [flavor])];
};

/** The managed platform's own bootstrap is a script in /tmp (ebbootstrap.sh). */
export const beanstalkCanRunInTmp: ImageRule = (image, { path }) => {
  if (image.beanstalk === undefined && image.platform === undefined) return [];
  return (image.provisioners ?? []).flatMap((entry, index): readonly ProblemDraft[] => {
    const harden = typeof entry === 'object' && entry !== null && 'harden' in entry ? entry.harden : undefined;
    if (harden?.tmpNoexec !== true) return [];
    const place = { path: [...path, 'provisioners', index, 'harden', 'tmpNoexec'] };
    return [
      draftProblem('CONFIG_BEANSTALK', place, [
        'Scripts that Elastic Beanstalk runs in /tmp are what tmpNoexec forbids',
      ]),
    ];
  });
};

/** What an environment of one kind cannot do, although every value of it is allowed. */
export const rolloutFitsEnvironment: ImageRule = ({ beanstalk }, { path }) => {
  const { rollout = {}, environmentType = 'LoadBalanced', loadBalancerType = 'application' } = beanstalk ?? {};
  const { policy = 'immutable', batchPercent, newVersionPercent, evaluationMinutes } = rollout;
  const problem = (key: string, what: string) =>
    draftProblem('CONFIG_BEANSTALK', { path: [...path, 'beanstalk', 'rollout', key] }, [what]);
  const isRolling = policy === 'rolling' || policy === 'rolling-with-additional-batch';
  const isSplitting = policy === 'traffic-splitting';
  return [
    ...(environmentType === 'SingleInstance' && (isRolling || isSplitting)
      ? [problem('policy', `${policy} needs more than one instance; a SingleInstance environment has one`)]
      : []),
    ...(isSplitting && loadBalancerType !== 'application'
      ? [problem('policy', 'Only an application load balancer can split traffic')]
      : []),
    ...(batchPercent !== undefined && !isRolling
      ? [problem('batchPercent', `The policy ${policy} has no batches`)]
      : []),
    ...(newVersionPercent !== undefined && !isSplitting
      ? [problem('newVersionPercent', `The policy ${policy} splits no traffic`)]
      : []),
    ...(evaluationMinutes !== undefined && !isSplitting
      ? [problem('evaluationMinutes', `The policy ${policy} splits no traffic`)]
      : []),
  ];
};

/** The image is put in when it is built, and the rest of the rollout is decided by the policy. */
export const imageIsNotSetTwice: ImageRule = ({ beanstalk }, { path }) =>
  (beanstalk?.optionSettings ?? []).flatMap((option, index) => {
    const isImage = option?.namespace === 'aws:autoscaling:launchconfiguration' && option.optionName === 'ImageId';
    const place = { path: [...path, 'beanstalk', 'optionSettings', index, 'optionName'] };
    return isImage ? [draftProblem('CONFIG_BEANSTALK', place, ['ImageId is set to the image that is built'])] : [];
  });

/** Windows platforms take the stock image only. */
export const branchIsLinux: ImageRule = ({ source }, { path }) => {
  if (source === undefined || !('platformBranch' in source) || source.platformBranch === undefined) return [];
  if (!/windows/i.test(source.platformBranch)) return [];
  const place = { path: [...path, 'source', 'platformBranch'] };
  return [draftProblem('CONFIG_BEANSTALK', place, ['Windows platforms of Elastic Beanstalk take no custom image'])];
};
