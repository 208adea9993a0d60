import { basename, relative, sep } from 'node:path';
import { getBundlePath, getPayloadName } from '../payload-name.js';
import type { Provisioner, ProvisionerContext, ProvisionerPlan } from '../types.js';

/** What provisioners/file/provisioner.yaml lets through. */
interface FileOptions {
  readonly source: string;
  readonly destination: string;
  readonly owner?: string;
  readonly mode?: string;
}

/** Copies a file, or the contents of a folder. Empty folders are not carried. */
export const file: Provisioner = {
  name: 'file',
  summary: 'Copies a file, or the contents of a folder, into the image.',
  position: 'anywhere',
  planSteps: (options, context) => planFile(options as unknown as FileOptions, context),
};

function planFile(options: FileOptions, context: ProvisionerContext): ProvisionerPlan {
  const source = options.source.replace(/(?<!\/)\/+$/, '');
  const bundle = getBundlePath('file');
  const path = `files/${getPayloadName(context.index, basename(source))}`;
  const found = context.listFiles(source);
  const isFile = found.length === 1 && found[0] === source;
  // `destination: /etc/` with a file means "into that folder", as everywhere.
  const destination =
    isFile && options.destination.endsWith('/') ? `${options.destination}${basename(source)}` : options.destination;
  return {
    steps: [
      {
        kind: 'upload',
        title: `file ${options.destination}`,
        installer: bundle,
        path,
        destination,
        owner: options.owner ?? 'root:root',
        ...(options.mode === undefined ? {} : { mode: options.mode }),
      },
    ],
    files: new Map(found.map((each) => [isFile ? path : `${path}/${toPosix(relative(source, each))}`, each])),
    bundle,
  };
}

function toPosix(path: string): string {
  return path.split(sep).join('/');
}
