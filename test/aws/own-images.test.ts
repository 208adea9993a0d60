import { describe, expect, it } from '@jest/globals';
import { isNamedByTags } from '../../src/aws/own-images.js';

const BUILT = {
  'buildimg:image': 'web',
  'buildimg:version': '1.4.0',
  'buildimg:inputs': '0123abcd4567',
};
const BY_BEANSTALK = { 'buildimg:image': 'web', 'buildimg:version': '1.4.0' };
const REGISTERED = { 'buildimg:image': 'Appliance (x86) 7' };

describe('isNamedByTags', () => {
  it.each([
    ['web-x86_64-1.4.0-0123abcd', BUILT],
    ['web-x86_64-1.4.0-0123abcd-r2', BUILT],
    ['web-arm64-1.4.0-0123abcd', { ...BUILT, 'buildimg:image': 'web-arm64' }],
    ['web-x86_64-1.4.0-20261130120000', BY_BEANSTALK],
    ['Appliance (x86) 7', REGISTERED],
  ])('knows the name that a build gives: %s', (name, tags) => {
    expect(isNamedByTags({ name, tags })).toBe(true);
  });

  it.each([
    ['copy of web', BUILT],
    ['web-1.4.0', BUILT],
    ['web-x86_64-1.4.0-0123abcd-copy', BUILT],
    ['web-x86_64-1.4.0-0123abcd-r2-old', BUILT],
    ['web-x86_64-1.4.0-89ef0123', BUILT],
    ['my-web-x86_64-1.4.0-0123abcd', BUILT],
    ['web-x86_64-1.4.0-frozen', BY_BEANSTALK],
    ['Appliance (x86) 7 copy', REGISTERED],
    ['web-x86_64-1.4.0-0123abcd', {}],
  ])('knows the name of a copy: %s', (name, tags) => {
    expect(isNamedByTags({ name, tags })).toBe(false);
  });
});
