import type { BuildimgConfig } from './config-input.js';

/** Returns `config` as it is; for the types, in a buildimg.ts: `export default defineConfig({ version: 1, … })`. */
export function defineConfig(config: BuildimgConfig): BuildimgConfig {
  return config;
}
