import { tabulateOperations } from '../wire/operation.js';
import { accountSettingOperations } from './account-setting-operations.js';
import { copyImageOperations } from './copy-image.js';
import { createImageOperations } from './create-image-operations.js';
import { describeImageOperations } from './describe-images.js';
import { describeInstanceOperations } from './describe-instances.js';
import { honorDryRun } from './dry-run.js';
import { ebsDefaultOperations } from './ebs-default-operations.js';
import { imageAttributeOperations } from './image-attribute-operations.js';
import { imageOperations } from './image-operations.js';
import { instanceOperations } from './instance-operations.js';
import { keyPairOperations } from './key-pair-operations.js';
import { launchTemplateOperations } from './launch-template-operations.js';
import { launchTemplateVersionOperations } from './launch-template-versions.js';
import { networkOperations } from './network-operations.js';
import { registerImageOperations } from './register-image.js';
import { runInstancesOperations } from './run-instances.js';
import { securityGroupOperations } from './security-group-operations.js';
import { snapshotAttributeOperations } from './snapshot-attribute-operations.js';
import { storageOperations } from './storage-operations.js';
import { tagOperations } from './tag-operations.js';

/** Everything of EC2 that the sandbox speaks; docs/sandbox-api.md describes each. */
export const ec2Operations = tabulateOperations(
  [
    networkOperations,
    keyPairOperations,
    securityGroupOperations,
    runInstancesOperations,
    describeInstanceOperations,
    instanceOperations,
    createImageOperations,
    copyImageOperations,
    registerImageOperations,
    describeImageOperations,
    imageOperations,
    imageAttributeOperations,
    storageOperations,
    launchTemplateOperations,
    launchTemplateVersionOperations,
    snapshotAttributeOperations,
    tagOperations,
    accountSettingOperations,
    ebsDefaultOperations,
  ]
    .flat()
    .map(honorDryRun),
);
