// What a config in TypeScript imports: `import { defineConfig } from 'buildimg'`.
export type { BuildimgConfig } from './config/config-input.js';
export { defineConfig } from './config/define-config.js';
