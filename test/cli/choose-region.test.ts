import { describe, expect, it } from '@jest/globals';
import { chooseRegion } from '../../src/cli/choose-region.js';

describe('chooseRegion', () => {
  it.each([
    ['what was asked for', { asked: 'eu-west-1', workspace: 'eu-west-1', environment: {} }],
    ['the workspace', { workspace: 'eu-west-1', environment: { AWS_REGION: 'eu-west-1' } }],
    ['what botocore reads', { environment: { AWS_DEFAULT_REGION: 'eu-west-1' } }],
    ['both variables alike', { environment: { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-1' } }],
    [
      'a region that was asked for without a workspace',
      { asked: 'eu-west-1', environment: { AWS_DEFAULT_REGION: 'eu-west-1' } },
    ],
  ])('goes by %s without a word', (_name, sources) => {
    expect(chooseRegion(sources)).toEqual({ region: 'eu-west-1' });
  });

  it('leaves it to the profile when nobody says anything, or nothing but the empty string', () => {
    expect(chooseRegion({ environment: { AWS_REGION: '' } })).toEqual({ region: undefined });
  });

  it('warns that --region leads away from the workspace', () => {
    const { region, warning } = chooseRegion({ asked: 'eu-west-1', workspace: 'us-east-1', environment: {} });

    expect(region).toBe('eu-west-1');
    expect(warning).toContain('without -r eu-west-1, eb and buildimg look there');
  });

  it('warns that the workspace counts more than the environment', () => {
    const { region, warning } = chooseRegion({
      workspace: 'us-east-1',
      environment: { AWS_DEFAULT_REGION: 'eu-west-1' },
    });

    expect(region).toBe('us-east-1');
    expect(warning).toBe(
      'AWS_DEFAULT_REGION is eu-west-1, but .elasticbeanstalk/config.yml says us-east-1, which counts.',
    );
  });

  it('warns that eb does not read AWS_REGION', () => {
    const environment = { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'us-east-1' };

    expect(chooseRegion({ environment })).toMatchObject({
      region: 'eu-west-1',
      warning: expect.stringContaining('eb would go to us-east-1'),
    });
    expect(chooseRegion({ environment: { AWS_REGION: 'eu-west-1' } }).warning).toContain('the region of its profile');
  });
});
