import { resolve } from 'node:path';
import { ExitCode } from '../../errors.js';
import { importImage } from '../../sandbox/image/import-image.js';
import { listBaseImages, type RegisteredBaseImage, resolveBaseImageId } from '../../sandbox/world/base-images.js';
import type { CliContext } from '../cli-context.js';
import { makeBaseImage, register } from '../make-base-image.js';
import { findBaseImageCache, findSandboxPaths } from '../sandbox-session.js';

/** `sandbox image build OS` */
export async function build(os: string, cli: CliContext): Promise<ExitCode> {
  const made = await makeBaseImage(os, cli, new AbortController().signal);
  cli.output.answer(formatImage(made));
  return ExitCode.done;
}

export interface ImportOptions {
  readonly checksum: string;
  readonly os: string;
}

/** `sandbox image import FILE|URL` */
export async function importFrom(source: string, { checksum, os }: ImportOptions, cli: CliContext): Promise<ExitCode> {
  const isUrl = /^https?:\/\//.test(source);
  const imported = await importImage({
    source: isUrl ? source : resolve(cli.currentDirectory, source),
    checksum,
    os,
    cacheDir: findBaseImageCache(cli),
    signal: new AbortController().signal,
    onProgress: (line) => cli.output.progress(`  ${line}`),
  });
  cli.output.answer(formatImage(await register(imported, cli)));
  return ExitCode.done;
}

/** `sandbox image list` */
export async function list({ json }: { readonly json?: boolean }, cli: CliContext): Promise<ExitCode> {
  const images = await listBaseImages(findSandboxPaths(cli));
  if (json === true) {
    cli.output.answer(JSON.stringify({ images }, undefined, 2));
    return ExitCode.done;
  }
  for (const image of images) {
    cli.output.answer(formatImage(image));
  }
  if (images.length === 0) {
    cli.output.progress('None yet: buildimg sandbox image build debian-12');
  }
  return ExitCode.done;
}

function formatImage(image: RegisteredBaseImage): string {
  return `${image.os}  ${resolveBaseImageId(image, 'us-east-1')} in us-east-1  ${image.name}  ${image.file}`;
}
