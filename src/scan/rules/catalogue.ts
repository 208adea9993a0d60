import type { Check } from '../finding.js';
import { accountFileRules } from './accounts/account-files.js';
import { consoleRules } from './accounts/console.js';
import { identityRules } from './accounts/identities.js';
import { passwordRules } from './accounts/passwords.js';
import { sudoRules } from './accounts/sudo.js';
import { hardwareRules } from './cloud/hardware.js';
import { loginPathRules } from './cloud/login-path.js';
import { cloudNetworkRules } from './cloud/network.js';
import { kernelRules } from './filesystem/kernel.js';
import { mountRules } from './filesystem/mounts.js';
import { permissionRules } from './filesystem/permissions.js';
import { rootExecutesRules } from './filesystem/root-executes.js';
import { accountSettingRules } from './image/account-settings.js';
import { imageDiskRules } from './image/disks.js';
import { imageLifecycleRules } from './image/image-lifecycle.js';
import type { ImageRuleGroup } from './image/image-rule.js';
import { imageMachineRules } from './image/machine.js';
import { metadataServiceRules } from './image/metadata-service.js';
import { publicationRules } from './image/publication.js';
import { hostKeyRules } from './keys/host-keys.js';
import { loginKeyRules } from './keys/login-keys.js';
import { machineIdentityRules } from './keys/machine-identity.js';
import { integrityRules } from './os/integrity.js';
import { lifecycleRules } from './os/lifecycle.js';
import { packageRules } from './os/packages.js';
import { serviceRules } from './os/services.js';
import { cloudStateRules } from './residue/cloud-state.js';
import { diskResidueRules } from './residue/disk.js';
import { historyRules } from './residue/histories.js';
import { logRules } from './residue/logs.js';
import { networkResidueRules } from './residue/network.js';
import type { RuleGroup } from './rule.js';
import { contentRules } from './secrets/content.js';
import { credentialFileRules } from './secrets/credential-files.js';
import { dataStoreRules } from './secrets/data-stores.js';
import { accessRules } from './sshd/access.js';
import { cloudPasswordRules } from './sshd/cloud-passwords.js';
import { sshdHardeningRules } from './sshd/hardening.js';
import { sshdIdentityRules } from './sshd/identity.js';
import { undecidableChecks } from './undecidable.js';

/** Every group of rules over files, in the order of the catalogue. */
export const ruleGroups: readonly RuleGroup[] = [
  passwordRules,
  identityRules,
  sudoRules,
  accountFileRules,
  consoleRules,
  accessRules,
  cloudPasswordRules,
  sshdIdentityRules,
  sshdHardeningRules,
  loginKeyRules,
  hostKeyRules,
  machineIdentityRules,
  historyRules,
  logRules,
  cloudStateRules,
  networkResidueRules,
  diskResidueRules,
  contentRules,
  credentialFileRules,
  dataStoreRules,
  lifecycleRules,
  packageRules,
  integrityRules,
  serviceRules,
  permissionRules,
  rootExecutesRules,
  mountRules,
  kernelRules,
  loginPathRules,
  hardwareRules,
  cloudNetworkRules,
];

/** Every group of rules over what EC2 says about an AMI. */
export const imageRuleGroups: readonly ImageRuleGroup[] = [
  imageMachineRules,
  metadataServiceRules,
  imageDiskRules,
  publicationRules,
  imageLifecycleRules,
  accountSettingRules,
];

/** Every check, by id: those that are decided and those that only get named. */
export const allChecks: readonly Check[] = [
  ...[...ruleGroups, ...imageRuleGroups].flatMap((group) => group.checks),
  ...undecidableChecks.map((each) => each.check),
].toSorted((one, other) => (one.id < other.id ? -1 : 1));
