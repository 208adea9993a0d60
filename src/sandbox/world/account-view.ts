// The world as the requests of one account see it. Records of the sandbox's own account are kept as they are; those of
// the others carry the account, and its id in front of theirs where ids are made of names. Images, snapshots, keys and
// buckets are seen by all, because they can be shared or have names that are unique across accounts: who may use them is
// for their operations to say.

import type { Table } from './table.js';
import type { WorldView } from './world.js';

/** The part of the world that belongs to `accountId`, and what all accounts share. */
export function viewWorldAs(world: WorldView, accountId: string, ownAccountId: string): WorldView {
  const owner = accountId === ownAccountId ? undefined : accountId;
  return {
    all: world,
    commit: () => world.commit(),
    waitForChange: (signal) => world.waitForChange(signal),
    images: world.images,
    deregisteredImages: world.deregisteredImages,
    snapshots: world.snapshots,
    kmsKeys: world.kmsKeys,
    buckets: world.buckets,
    objects: world.objects,
    uploads: world.uploads,
    // Jobs look these up by ids that no two records have.
    instances: selectOwned(world.instances, owner),
    volumes: selectOwned(world.volumes, owner),
    keyPairs: selectOwned(world.keyPairs, owner),
    commands: selectOwned(world.commands, owner),
    accountSettings: selectNamed(world.accountSettings, owner),
    launchTemplates: selectOwned(world.launchTemplates, owner),
    securityGroups: selectNamed(world.securityGroups, owner),
    parameters: selectNamed(world.parameters, owner),
    tokens: selectNamed(world.tokens, owner),
    environments: selectNamed(world.environments, owner),
    applicationVersions: selectNamed(world.applicationVersions, owner),
    applications: selectNamed(world.applications, owner),
    events: selectNamed(world.events, owner),
    platformVersions: selectNamed(world.platformVersions, owner),
    policies: selectNamed(world.policies, owner),
    instanceProfiles: selectNamed(world.instanceProfiles, owner),
    roles: selectNamed(world.roles, owner),
    logStreams: selectNamed(world.logStreams, owner),
    logGroups: selectNamed(world.logGroups, owner),
  };
}

type Stored<R> = R & { readonly account?: string };

function selectOwned<R extends { readonly id: string }>(table: Table<R>, owner: string | undefined): Table<R> {
  const isOwn = (record: Stored<R>) => record.account === owner;
  const find = (id: string) => {
    const record = table.find(id);
    return record !== undefined && isOwn(record) ? record : undefined;
  };
  return {
    find,
    list: () => table.list().filter(isOwn),
    put: (record) => table.put(owner === undefined ? record : { ...record, account: owner }),
    update: (id, changes) => (find(id) === undefined ? undefined : table.update(id, changes)),
    remove: (id) => find(id) !== undefined && table.remove(id),
  };
}

function selectNamed<R extends { readonly id: string }>(table: Table<R>, owner: string | undefined): Table<R> {
  const owned = selectOwned(table, owner);
  if (owner === undefined) return owned;
  const prefix = `${owner}/`;
  const shorten = (record: R): R => ({ ...record, id: record.id.slice(prefix.length) });
  return {
    find(id) {
      const record = owned.find(`${prefix}${id}`);
      return record === undefined ? undefined : shorten(record);
    },
    list: () => owned.list().map(shorten),
    put: (record) => shorten(owned.put({ ...record, id: `${prefix}${record.id}` })),
    update(id, changes) {
      const { id: _id, ...others } = changes;
      const record = owned.update(`${prefix}${id}`, others as Partial<R>);
      return record === undefined ? undefined : shorten(record);
    },
    remove: (id) => owned.remove(`${prefix}${id}`),
  };
}
