// From which Packer version on a key may be used. Facts: hashicorp/packer-plugin-amazon#346 and #357, packer#11686.

const FEATURE_SINCE = {
  /** Before it, a template with the key is refused; `sensitive-variables` of legacy JSON. */
  sensitive_variables: '1.3.0',
  /** Before it, the key is unknown. */
  metadata_options: '1.7.0',
  /** Accepted earlier, but the key pair was RSA all the same. */
  temporary_key_pair_type: '1.8.0',
  /** Amazon plugin 1.2.2; up to 1.9 an older one is built in, from 1.10 on none is, and required_plugins names it. */
  imds_support: '1.10.0',
} as const;

/** Whether templates for `packerVersion` (like `1.6.6`) may use the key `feature`. */
export function hasPackerFeature(packerVersion: string, feature: keyof typeof FEATURE_SINCE): boolean {
  return compareVersions(packerVersion, FEATURE_SINCE[feature]) >= 0;
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (const part of [0, 1, 2]) {
    const difference = (left?.[part] ?? 0) - (right?.[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
