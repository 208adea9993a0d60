import { describeGrantees } from '../../config/describe-grantees.js';
import type { Grantees } from '../../config/publish-config.js';
import { untilKnown } from '../until-known.js';
import { inEachRegion } from './in-each-region.js';
import { intendPublicly, openRegion, type PublishScope, type RegionImage } from './publish-scope.js';

export interface Sharing {
  readonly grantees: Grantees;
  readonly sharesSnapshots: boolean;
}

/** Lets others launch the image and its copies, and copy them where their snapshots are shared too. Nobody loses anything. */
export async function shareImage(sharing: Sharing, scope: PublishScope): Promise<void> {
  await inEachRegion(scope.ledger.images, scope.signal, async (place, signal) => {
    // Snapshots first: who may launch an image may be about to copy it.
    if (sharing.sharesSnapshots) await shareSnapshots(sharing.grantees, place, { ...scope, signal });
    await shareOne(sharing.grantees, place, { ...scope, signal });
  });
}

async function shareOne(grantees: Grantees, { region, image }: RegionImage, scope: PublishScope): Promise<void> {
  const { distribution } = openRegion(scope, region);
  const present = await untilKnown(image.id, scope, () => distribution.findLaunchPermissions(image.id));
  const missing = withoutPresent(grantees, present);
  if (isNobody(missing)) return;
  const change = `shared with ${describeGrantees(missing)} in ${region}`;
  await intendPublicly(scope, { operation: 'share-image', region, imageId: image.id }, change);
  await untilKnown(image.id, scope, () => distribution.shareImage(image.id, missing));
}

async function shareSnapshots(
  { accounts, isPublic }: Grantees,
  { region, image }: RegionImage,
  scope: PublishScope,
): Promise<void> {
  const { distribution } = openRegion(scope, region);
  for (const snapshotId of image.snapshotIds) {
    const present = await untilKnown(snapshotId, scope, () => distribution.findVolumePermissions(snapshotId));
    const missing = withoutPresent({ accounts, organizations: [], organizationalUnits: [], isPublic }, present);
    if (isNobody(missing)) continue;
    const change = `${snapshotId} shared with ${describeGrantees(missing)} in ${region}`;
    await intendPublicly(scope, { operation: 'share-snapshot', region, snapshotId }, change);
    await untilKnown(snapshotId, scope, () => distribution.shareSnapshot(snapshotId, missing));
  }
}

function withoutPresent(wanted: Grantees, present: Grantees): Grantees {
  return {
    accounts: wanted.accounts.filter((each) => !present.accounts.includes(each)),
    organizations: wanted.organizations.filter((each) => !present.organizations.includes(each)),
    organizationalUnits: wanted.organizationalUnits.filter((each) => !present.organizationalUnits.includes(each)),
    isPublic: wanted.isPublic && !present.isPublic,
  };
}

function isNobody({ accounts, organizations, organizationalUnits, isPublic }: Grantees): boolean {
  return !isPublic && accounts.length + organizations.length + organizationalUnits.length === 0;
}
