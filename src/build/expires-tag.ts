/** Tag of what a build launches, with the moment (ISO 8601) from which on anybody may remove it. */
export const EXPIRES_TAG = 'buildimg:expires';
