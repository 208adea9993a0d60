import type { BuilderType } from '../../config/resolved-config.js';
import { ExitCode } from '../../errors.js';
import { buildPolicy } from '../../iam/build-policy.js';
import { instanceRole } from '../../iam/instance-role.js';
import type { CliContext } from '../cli-context.js';
import { loadImages } from '../load-images.js';

export interface IamPolicyOptions {
  readonly role?: boolean;
  readonly builder?: BuilderType;
  readonly account?: string;
  readonly var: Readonly<Record<string, string>>;
}

/** Prints the smallest IAM policy that a config's builds get by with, or the role of their instances. Asks nobody. */
export async function iamPolicy(
  names: readonly string[],
  options: IamPolicyOptions,
  cli: CliContext,
): Promise<ExitCode> {
  const { builder: type, account, role } = options;
  const { images: configured } = await loadImages(cli, { names, variables: options.var });
  const images = configured.map((image) =>
    type === undefined ? image : { ...image, builder: { ...image.builder, type } },
  );
  if (role === true) {
    const made = instanceRole(images);
    cli.output.answer(JSON.stringify(made, undefined, 2));
    if (made.permissionsPolicy === undefined) {
      cli.output.progress('The builder packer logs in over SSH: its instances need no role.');
    }
    return ExitCode.done;
  }
  const documents = buildPolicy(images, account === undefined ? {} : { account });
  const [only] = documents;
  cli.output.answer(JSON.stringify(documents.length === 1 ? only : documents, undefined, 2));
  if (documents.length > 1) {
    cli.output.progress(
      `IAM takes 6144 characters a policy, so these are ${documents.length} policies to attach side by side.`,
    );
  }
  return ExitCode.done;
}
