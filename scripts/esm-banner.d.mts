export const ESM_BANNER: string;
