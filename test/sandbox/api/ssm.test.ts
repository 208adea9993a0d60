import { DescribeImagesCommand } from '@aws-sdk/client-ec2';
import {
  DeleteParameterCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  PutParameterCommand,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  aBaseImage,
  DEBIAN_OWNER,
  DEBIAN_PARAMETER,
  startTestSandbox,
  type TestSandbox,
} from '../../support/a-sandbox.js';

let test: TestSandbox;
beforeAll(async () => {
  test = await startTestSandbox();
});
afterAll(() => test.sandbox.close());

describe('public parameters', () => {
  it('name the publisher’s image, which every region has under an id of its own', async () => {
    const { Parameter } = await test.ssm.send(new GetParameterCommand({ Name: DEBIAN_PARAMETER }));

    const { Images = [] } = await test.ec2.send(new DescribeImagesCommand({ ImageIds: [Parameter?.Value ?? ''] }));
    const elsewhere = await test.ec2In('eu-west-1').send(new DescribeImagesCommand({ Owners: [DEBIAN_OWNER] }));
    expect(Images[0]).toMatchObject({ OwnerId: DEBIAN_OWNER, Public: true, RootDeviceName: '/dev/xvda' });
    expect(elsewhere.Images).toHaveLength(1);
    expect(elsewhere.Images?.[0]?.ImageId).not.toBe(Images[0]?.ImageId);
  });

  it('cannot be written by the account', async () => {
    const put = new PutParameterCommand({ Name: '/aws/service/mine', Value: '1', Type: 'String' });

    await expect(test.ssm.send(put)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('are refused for a file that is no disk', async () => {
    const image = await aBaseImage(test.sandbox.paths.stateDir, { file: test.sandbox.caFile });

    await expect(test.sandbox.registerBaseImage(image)).rejects.toMatchObject({
      code: 'SANDBOX_BASE_IMAGE_UNREADABLE',
    });
  });
});

describe('parameters', () => {
  it('are put, read, overwritten and deleted', async () => {
    const put = (Value: string, Overwrite?: boolean) =>
      test.ssm.send(
        new PutParameterCommand({ Name: '/acme/web', Value, Type: 'String', ...(Overwrite ? { Overwrite } : {}) }),
      );

    const first = await put('one');
    await expect(put('two')).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
    const second = await put('two', true);
    const read = await test.ssm.send(new GetParameterCommand({ Name: '/acme/web' }));
    await test.ssm.send(new DeleteParameterCommand({ Name: '/acme/web' }));

    expect([first.Version, second.Version]).toEqual([1, 2]);
    expect(read.Parameter).toMatchObject({
      Value: 'two',
      Version: 2,
      Type: 'String',
      LastModifiedDate: expect.any(Date),
    });
    await expect(test.ssm.send(new GetParameterCommand({ Name: '/acme/web' }))).rejects.toMatchObject({
      name: 'ParameterNotFound',
    });
  });

  it('are listed by path, page by page', async () => {
    for (const name of ['a', 'b', 'c/d']) {
      await test.ssm.send(new PutParameterCommand({ Name: `/list/${name}`, Value: name, Type: 'String' }));
    }

    expect((await list(false)).Parameters?.map(({ Name }) => Name)).toEqual(['/list/a', '/list/b']);
    expect((await list(true)).Parameters).toHaveLength(3);
    expect(await list(true, 2)).toMatchObject({ Parameters: [{}, {}], NextToken: expect.any(String) });
  });

  it('hide secrets until they are to be decrypted', async () => {
    await test.ssm.send(new PutParameterCommand({ Name: '/acme/secret', Value: 'hush', Type: 'SecureString' }));

    const hidden = await test.ssm.send(new GetParameterCommand({ Name: '/acme/secret' }));
    const shown = await test.ssm.send(new GetParameterCommand({ Name: '/acme/secret', WithDecryption: true }));

    expect(hidden.Parameter?.Value).not.toContain('hush');
    expect(shown.Parameter?.Value).toBe('hush');
  });

  it('that are missing are named', async () => {
    const { InvalidParameters } = await test.ssm.send(new GetParametersCommand({ Names: ['/lost', DEBIAN_PARAMETER] }));

    expect(InvalidParameters).toEqual(['/lost']);
  });
});

function list(Recursive: boolean, MaxResults?: number) {
  const page = MaxResults ? { MaxResults } : {};
  return test.ssm.send(new GetParametersByPathCommand({ Path: '/list', Recursive, ...page }));
}
