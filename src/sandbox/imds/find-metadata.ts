// Turns a path below a version into an answer: a leaf's text, or the listing of a folder.

/** Undefined when the tree has no such leaf or folder. `path` is as requested, with or without slashes at the ends. */
export function findMetadata(
  tree: ReadonlyMap<string, string>,
  keyName: string | undefined,
  path: string,
): string | undefined {
  const name = path.replace(/^\/+|\/+$/g, '');
  // The one listing that is not made of names: INDEX=KEY.
  if (name === 'meta-data/public-keys') return tree.has(`${name}/0/openssh-key`) ? `0=${keyName ?? ''}` : undefined;
  return tree.get(name) ?? listFolder(tree, name === '' ? '' : `${name}/`);
}

/** Folders end in a slash, except at the top, as EC2 has it. */
function listFolder(tree: ReadonlyMap<string, string>, prefix: string): string | undefined {
  const children = new Set<string>();
  for (const leaf of tree.keys()) {
    if (!leaf.startsWith(prefix)) continue;
    const rest = leaf.slice(prefix.length);
    const slash = rest.indexOf('/');
    children.add(slash < 0 ? rest : prefix === '' ? rest.slice(0, slash) : rest.slice(0, slash + 1));
  }
  return children.size === 0 ? undefined : [...children].sort().join('\n');
}
