import { describe, expect, it } from '@jest/globals';
import { findSourceImage } from '../../src/build/find-source-image.js';
import type { SourceSelector } from '../../src/config/resolved-config.js';
import { anImage } from '../support/an-image.js';
import { aMachineImage, createFakeEc2, type FakeEc2 } from '../support/fake-ec2.js';

const DEBIAN = '136693071363';
const DEBIAN_PARAMETER = '/aws/service/debian/release/12/latest/amd64';

describe('findSourceImage', () => {
  it('follows the publisher’s parameter of a named system and pins the id', async () => {
    const ec2 = aRegion();

    const found = await find(ec2, { kind: 'os', os: 'debian-12' });

    expect(found).toEqual({ id: 'ami-debian', rootDeviceName: '/dev/xvda' });
  });

  it('refuses an image that is not its publisher’s, even if the parameter names it', async () => {
    const ec2 = aRegion();
    ec2.parameters.set(DEBIAN_PARAMETER, 'ami-stranger');

    await expect(find(ec2, { kind: 'os', os: 'debian-12' })).rejects.toMatchObject({
      code: 'SOURCE_IMAGE_WRONG_OWNER',
      exit: 3,
      message: expect.stringContaining('666666666666'),
    });
  });

  it('refuses a parameter of unknown origin for which no owner is named', async () => {
    const ec2 = aRegion();
    ec2.parameters.set('/acme/base', 'ami-debian');

    const wanted = find(ec2, { kind: 'ssm-parameter', parameter: '/acme/base', owners: [] });

    await expect(wanted).rejects.toMatchObject({ code: 'SOURCE_IMAGE_WRONG_OWNER' });
  });

  it('accepts an image of the own account for the owner `self`', async () => {
    const ec2 = aRegion();
    ec2.images.set('ami-own', aMachineImage({ id: 'ami-own', name: 'base' }));
    ec2.parameters.set('/acme/base', 'ami-own');

    const found = await find(ec2, { kind: 'ssm-parameter', parameter: '/acme/base', owners: ['self'] });

    expect(found.id).toBe('ami-own');
  });

  it('takes the newest image of the owners that a filter names', async () => {
    const ec2 = aRegion();
    ec2.images.set(
      'ami-newer',
      aMachineImage({ id: 'ami-newer', ownerId: DEBIAN, creationDate: '2026-02-01T00:00:00.000Z' }),
    );

    const found = await find(ec2, { kind: 'filter', owners: [DEBIAN], filters: { name: 'debian-12-*' } });

    expect(found.id).toBe('ami-newer');
  });

  it.each<[string, SourceSelector]>([
    ['SOURCE_PARAMETER_NOT_FOUND', { kind: 'ssm-parameter', parameter: '/none', owners: ['self'] }],
    ['SOURCE_IMAGE_NOT_FOUND', { kind: 'ami', id: 'ami-none' }],
    ['SOURCE_IMAGE_NOT_FOUND', { kind: 'filter', owners: ['999999999999'], filters: { name: 'x' } }],
  ])('says %s for a source that is not there', async (code, source) => {
    await expect(find(aRegion(), source)).rejects.toMatchObject({ code, exit: 3 });
  });
});

function aRegion(): FakeEc2 {
  const ec2 = createFakeEc2();
  ec2.images.set('ami-debian', aMachineImage({ id: 'ami-debian', ownerId: DEBIAN }));
  ec2.images.set('ami-stranger', aMachineImage({ id: 'ami-stranger', ownerId: '666666666666' }));
  ec2.parameters.set(DEBIAN_PARAMETER, 'ami-debian');
  return ec2;
}

function find(ec2: FakeEc2, source: SourceSelector) {
  return findSourceImage(anImage({ source }), ec2.catalog);
}
