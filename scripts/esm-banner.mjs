/** CommonJS packages in an ESM bundle ask for Node's modules by `require`, and for their own file. */
export const ESM_BANNER = [
  "import{createRequire as __createRequire}from'node:module';",
  "import{fileURLToPath as __toPath}from'node:url';",
  'const require=__createRequire(import.meta.url),__filename=__toPath(import.meta.url);',
].join('');
