import packageFile from '../../package.json' with { type: 'json' };

/** Version of buildimg. */
export const VERSION: string = packageFile.version;
