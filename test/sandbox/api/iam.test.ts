import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  DeleteInstanceProfileCommand,
  DeletePolicyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetInstanceProfileCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  PutRolePolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
} from '@aws-sdk/client-iam';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { clientOptions, startTestSandbox, type TestSandbox } from '../../support/a-sandbox.js';

const TRUST =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}';
const POLICY = '{"Version":"2012-10-17","Statement":[]}';
const AWS_POLICY = 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore';

let test: TestSandbox;
let iam: IAMClient;

beforeEach(async () => {
  test = await startTestSandbox();
  iam = new IAMClient(clientOptions(test.sandbox, 'us-east-1'));
  await iam.send(new CreateRoleCommand({ RoleName: 'builder', AssumeRolePolicyDocument: TRUST }));
});
afterEach(async () => {
  iam.destroy();
  await test.sandbox.close();
});

describe('roles', () => {
  it('give their trust policy back percent-encoded, as IAM does', async () => {
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'builder' }));

    expect(Role).toMatchObject({ Arn: 'arn:aws:iam::100000000000:role/builder', Path: '/' });
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).toBe(TRUST);
  });

  it('are made once, by a name and a policy that IAM would take', async () => {
    await expect(create('builder', TRUST)).rejects.toMatchObject({
      name: 'EntityAlreadyExistsException',
      $metadata: { httpStatusCode: 409 },
    });
    await expect(create('a/b', TRUST)).rejects.toMatchObject({ name: 'ValidationError' });
    await expect(create('other', '{')).rejects.toMatchObject({ name: 'MalformedPolicyDocumentException' });
  });

  it('are not deleted while anything hangs on them', async () => {
    const role = { RoleName: 'builder' };
    await iam.send(new AttachRolePolicyCommand({ ...role, PolicyArn: AWS_POLICY }));
    await iam.send(new PutRolePolicyCommand({ ...role, PolicyName: 'own', PolicyDocument: POLICY }));
    const { AttachedPolicies } = await iam.send(new ListAttachedRolePoliciesCommand(role));

    expect(AttachedPolicies).toEqual([{ PolicyArn: AWS_POLICY, PolicyName: 'AmazonSSMManagedInstanceCore' }]);
    await expect(iam.send(new DeleteRoleCommand(role))).rejects.toMatchObject({ name: 'DeleteConflictException' });
    await iam.send(new DetachRolePolicyCommand({ ...role, PolicyArn: AWS_POLICY }));
    await expect(iam.send(new DeleteRoleCommand(role))).rejects.toMatchObject({ name: 'DeleteConflictException' });
    const inline = await iam.send(new GetRolePolicyCommand({ ...role, PolicyName: 'own' }));
    expect(decodeURIComponent(inline.PolicyDocument ?? '')).toBe(POLICY);
    await iam.send(new DeleteRolePolicyCommand({ ...role, PolicyName: 'own' }));
    await iam.send(new DeleteRoleCommand(role));
    await expect(iam.send(new GetRoleCommand(role))).rejects.toMatchObject({ name: 'NoSuchEntityException' });
  });
});

describe('instance profiles', () => {
  it('hold one role', async () => {
    const profile = { InstanceProfileName: 'builder' };
    await iam.send(new CreateInstanceProfileCommand(profile));
    const add = () => iam.send(new AddRoleToInstanceProfileCommand({ ...profile, RoleName: 'builder' }));
    await add();

    const { InstanceProfile } = await iam.send(new GetInstanceProfileCommand(profile));

    expect(InstanceProfile?.Roles?.map(({ RoleName }) => RoleName)).toEqual(['builder']);
    await expect(add()).rejects.toMatchObject({ name: 'LimitExceededException' });
    await expect(iam.send(new DeleteInstanceProfileCommand(profile))).rejects.toMatchObject({
      name: 'DeleteConflictException',
    });
    await iam.send(new RemoveRoleFromInstanceProfileCommand({ ...profile, RoleName: 'builder' }));
    await iam.send(new DeleteInstanceProfileCommand(profile));
  });
});

describe('policies of the account', () => {
  it('are attached by ARN and stay while they are', async () => {
    const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: 'own', PolicyDocument: POLICY }));
    const attached = { RoleName: 'builder', PolicyArn: Policy?.Arn ?? '' };
    const missing = { ...attached, PolicyArn: `${attached.PolicyArn}-not` };
    await iam.send(new AttachRolePolicyCommand(attached));

    const remove = () => iam.send(new DeletePolicyCommand({ PolicyArn: attached.PolicyArn }));

    await expect(remove()).rejects.toMatchObject({ name: 'DeleteConflictException' });
    await expect(iam.send(new AttachRolePolicyCommand(missing))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
    });
    await iam.send(new DetachRolePolicyCommand(attached));
    await remove();
  });
});

function create(RoleName: string, AssumeRolePolicyDocument: string) {
  return iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
}
