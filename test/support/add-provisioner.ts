import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument, type YAMLSeq } from 'yaml';

/** Copies an example and puts a provisioner in front of its first `harden`. Gives the path of the copy's config. */
export function copyExampleWith(example: string, folder: string, provisioner: unknown): string {
  return copyExample(example, folder, (provisioners) => {
    const index = provisioners.findIndex((entry) => typeof entry === 'object' && 'harden' in (entry as object));
    return provisioners.toSpliced(index, 0, provisioner);
  });
}

/** Copies an example of one image and changes its provisioners. Gives the path of the copy's config. */
export function copyExample(
  example: string,
  folder: string,
  change: (provisioners: readonly unknown[]) => readonly unknown[],
): string {
  cpSync(example, folder, { recursive: true });
  const file = join(folder, 'buildimg.yaml');
  const document = parseDocument(readFileSync(file, 'utf8'));
  const [name] = Object.keys((document.toJS() as { readonly images: object }).images);
  const path = ['images', name, 'provisioners'];
  document.setIn(path, document.createNode(change((document.getIn(path) as YAMLSeq).toJSON())));
  writeFileSync(file, document.toString());
  return file;
}
