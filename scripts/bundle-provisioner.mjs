// A built-in provisioner as one shell script, so that a rendered folder holds a file a provisioner rather than a tree, and
// Packer uploads it in one piece. It stays readable: every part stands in it as it is, as a here-document.
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';

/** What a provisioner is started by; one that has neither is code of buildimg's alone, and has no bundle. */
const ENTRIES = ['apply.sh', 'install.sh'];

/**
 * The text of the bundle of `folder`/`name`, with the parts of `folder`/lib that it sources; undefined when it has no
 * script to start. The same files give the same bytes. Throws when a part cannot be carried as it is.
 */
export async function bundleProvisioner(folder, name) {
  const own = await readParts(folder, name);
  const entry = ENTRIES.map((file) => `${name}/${file}`).find((file) => own.some((part) => part.path === file));
  if (entry === undefined) return undefined;
  return formatBundle({ name, entry, parts: [...(await readLibrary(folder, own)), ...own] });
}

/** What is for people and for generate.mjs is not for the instance: a word in a README must not rename an AMI. */
async function readParts(folder, name) {
  const entries = await readdir(path.join(folder, name), { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.md') && entry.name !== 'provisioner.yaml')
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'));
  return Promise.all(files.toSorted().map((file) => readPart(folder, file)));
}

async function readPart(folder, file) {
  const source = path.join(folder, file);
  const [bytes, { mode }] = await Promise.all([readFile(source), stat(source)]);
  const text = bytes.toString('utf8');
  const end = `# end of ${file}`;
  const expect = (holds, what) => {
    if (!holds) throw new Error(`${source}: ${what}, so it cannot stand in a here-document`);
  };
  expect(!text.includes('\0') && Buffer.from(text).equals(bytes), 'it is not text');
  expect(text === '' || text.endsWith('\n'), 'its last line does not end');
  expect(!text.split('\n').includes(end), `it has the line "${end}"`);
  expect(/^[\w./-]+$/.test(file), 'its name would have to be quoted');
  return { path: file, text, end, isExecutable: (mode & 0o111) !== 0 };
}

/** Only what is sourced, by whatever of it: a change of lib/ renames the AMIs that it can have an effect on, no others. */
async function readLibrary(folder, own) {
  const found = new Map();
  let added = own;
  while (added.length > 0) {
    const wanted = new Set(
      added.flatMap(({ text }) => [...text.matchAll(/\blib\/([\w-]+\.sh)\b/g)].map(([, at]) => at)),
    );
    const missing = [...wanted].filter((file) => !found.has(file));
    added = await Promise.all(missing.map((file) => readPart(folder, `lib/${file}`)));
    for (const part of added) found.set(path.posix.basename(part.path), part);
  }
  return [...found.keys()].toSorted().map((file) => found.get(file));
}

function formatBundle({ name, entry, parts }) {
  const folders = [...new Set(parts.map((part) => path.posix.dirname(part.path)))].toSorted();
  const executables = parts.filter((part) => part.isExecutable).map((part) => part.path);
  return `#!/usr/bin/env bash
# The provisioner ${name} of buildimg in one file: provisioners/${name} of its source, and what that sources of lib.
# Every part stands below as it is, between a line "cat >PATH" and a line "# end of PATH". They are written to
# ${name}.d/ beside this file, closed to everybody else, and ${entry} is run from there.
set -euo pipefail

folder=$(cd "$(dirname "\${BASH_SOURCE[0]}")" && pwd)/${name}.d
mask=$(umask)
umask 077
rm -rf "$folder"
mkdir -p ${folders.map(inFolder).join(' ')}

${parts.map(formatPart).join('\n')}
${executables.length === 0 ? '' : `chmod u+x ${executables.map(inFolder).join(' ')}\n`}umask "$mask"
exec bash ${inFolder(entry)}
`;
}

function formatPart({ path: file, text, end }) {
  return `cat >${inFolder(file)} <<'${end}'\n${text}${end}\n`;
}

function inFolder(file) {
  return `"$folder/${file}"`;
}
