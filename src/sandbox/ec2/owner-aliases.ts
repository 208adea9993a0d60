// Publishers that may be named instead of numbered. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/finding-an-ami.html
const OWNER_ALIASES: Readonly<Record<string, readonly string[]>> = {
  amazon: ['137112412989', '591542846629', '801119661308', '099720109477'],
  'aws-marketplace': ['679593333241'],
  'aws-backup-vault': [],
};

/** The accounts behind an alias; undefined when it is none. */
export function findAliasedAccounts(alias: string): readonly string[] | undefined {
  return Object.hasOwn(OWNER_ALIASES, alias) ? OWNER_ALIASES[alias] : undefined;
}

/** Every alias of an account. */
export function listOwnerAliases(ownerId: string): readonly string[] {
  return Object.keys(OWNER_ALIASES).filter((alias) => OWNER_ALIASES[alias]?.includes(ownerId));
}
