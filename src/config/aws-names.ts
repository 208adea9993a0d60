// How AWS writes what a config or the command line names, as patterns of regular expressions. Kept free of the schema, so
// that `--help` need not load it.

export const REGION_PATTERN = '^[a-z]{2,3}(?:-[a-z]+)+-[0-9]{1,2}$';
export const ACCOUNT_PATTERN = '^[0-9]{12}$';
/** Letters, digits and `_ . -` in parts set off by `/`. */
export const PARAMETER_PATTERN = '^/?[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*$';
export const AMI_NAME_PATTERN = "^[a-zA-Z0-9()[\\] ./\\-'@_]{3,128}$";
export const ORGANIZATION_PATTERN = '^arn:aws[a-z-]*:organizations::[0-9]{12}:organization/o-[a-z0-9]{10,32}$';
export const ORGANIZATIONAL_UNIT_PATTERN =
  '^arn:aws[a-z-]*:organizations::[0-9]{12}:ou/o-[a-z0-9]{10,32}/ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$';
/** Of a key of `images` in a config. */
export const IMAGE_PATTERN = '^[a-z0-9][a-z0-9-]{0,49}$';
