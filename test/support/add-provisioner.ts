import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument, type YAMLSeq } from 'yaml';

/** Copies an example and puts a provisioner in front of its first `harden`. Gives the path of the copy's config. */
export function copyExampleWith(example: string, folder: string, provisioner: unknown): string {
  cpSync(example, folder, { recursive: true });
  const file = join(folder, 'buildimg.yaml');
  const document = parseDocument(readFileSync(file, 'utf8'));
  const list = document.getIn(['images', 'web', 'provisioners']) as YAMLSeq;
  const index = list.toJSON().findIndex((entry: unknown) => typeof entry === 'object' && 'harden' in (entry as object));
  list.items.splice(index, 0, document.createNode(provisioner));
  writeFileSync(file, document.toString());
  return file;
}
