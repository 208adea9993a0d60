import { describe, expect, it } from '@jest/globals';
import type { BuilderConfig } from '../../src/config/resolved-config.js';
import { buildPolicy } from '../../src/iam/build-policy.js';
import { instanceRole } from '../../src/iam/instance-role.js';
import { MAX_POLICY_CHARACTERS, measurePolicy, type Statement } from '../../src/iam/policy-document.js';
import { anImage } from '../support/an-image.js';

const EC2: BuilderConfig = { ...anImage().builder, type: 'ec2', iamInstanceProfile: 'builder' };

describe('buildPolicy', () => {
  it('lets an image of any name be launched only of the accounts that the config trusts', () => {
    const statements = listStatements(anImage({ builder: EC2 }));

    expect(statements['LaunchOnlyImagesOfTrustedOwners']).toMatchObject({
      Resource: ['arn:aws:ec2:us-east-1::image/*'],
      Condition: { StringEquals: { 'ec2:Owner': ['136693071363'] } },
    });
    expect(statements['LaunchOnlyTheSourceImages']).toBeUndefined();
  });

  it('lets the one image be launched that the config names', () => {
    const image = anImage({ builder: EC2, source: { kind: 'ami', id: 'ami-0123456789abcdef0' } });

    const statements = listStatements(image);

    expect(statements['LaunchOnlyTheSourceImages']?.Resource).toEqual([
      'arn:aws:ec2:us-east-1::image/ami-0123456789abcdef0',
    ]);
    expect(statements['LaunchOnlyImagesOfTrustedOwners']).toBeUndefined();
    expect(statements['ReadTheParameterOfTheSourceImage']).toBeUndefined();
  });

  it('takes "self" for the account that the policy is in', () => {
    const source = { kind: 'filter', owners: ['self'], filters: { name: 'base-*' } } as const;

    const statements = listStatements(anImage({ builder: EC2, source }));

    expect(statements['LaunchOnlyImagesOfTrustedOwners']?.Condition).toEqual({
      StringEquals: { 'ec2:Owner': [`\${aws:PrincipalAccount}`] },
    });
  });

  it('touches nothing that exists and is not of a run, by the builder ec2', () => {
    const changes = Object.values(listStatements(anImage({ builder: EC2 }))).filter(({ Action }) =>
      Action.some((action) => /:(?:Delete|Deregister|Modify|Stop|Terminate|Reboot|SendCommand)/.test(action)),
    );

    const open = changes.filter(({ Condition }) => !JSON.stringify(Condition ?? {}).includes('Tag/buildimg:run'));
    expect(open.map(({ Sid }) => Sid)).toEqual(['SendScriptsByOneDocument']);
  });

  it('names the account where it is told', () => {
    const [policy] = buildPolicy([anImage({ builder: EC2 })], { account: '123456789012' });

    expect(JSON.stringify(policy)).toContain('arn:aws:iam::123456789012:role/builder');
    expect(JSON.stringify(policy)).not.toContain(':*:');
  });

  it('knows the partition of a region', () => {
    const [policy] = buildPolicy([anImage({ builder: EC2, region: 'cn-north-1' })]);

    expect(JSON.stringify(policy)).toContain('arn:aws-cn:ec2:cn-north-1:');
    expect(JSON.stringify(policy)).toContain('ec2.amazonaws.com.cn');
  });

  it('asks for Elastic Beanstalk only where the config has to do with it', () => {
    const platform = { name: 'node', operatingSystemName: 'Ubuntu', operatingSystemVersion: '24.04' };
    const source = { kind: 'platform-branch', branch: 'Node.js 20 running on 64bit Amazon Linux 2023' } as const;

    expect(listServices(anImage())).not.toContain('elasticbeanstalk');
    expect(listServices(anImage({ platform }))).toContain('elasticbeanstalk');
    expect(listServices(anImage({ source }))).toContain('elasticbeanstalk');
  });

  it('is several policies where one would be longer than IAM takes, each Sid once', () => {
    const regions = ['us-east-1', 'us-west-2', 'eu-west-1', 'eu-central-1', 'ap-south-1'];

    const policies = buildPolicy(regions.map((region) => anImage({ name: region, region, builder: EC2 })));

    const sids = policies.flatMap(({ Statement }) => Statement.map(({ Sid }) => Sid));
    expect(policies.length).toBeGreaterThan(1);
    expect(Math.max(...policies.map(measurePolicy))).toBeLessThanOrEqual(MAX_POLICY_CHARACTERS);
    expect(new Set(sids).size).toBe(sids.length);
    expect(sids.filter((sid) => !/^[A-Za-z0-9]+$/.test(sid))).toEqual([]);
  });

  it('needs one policy for many images of one region', () => {
    const images = Array.from({ length: 40 }, (_, index) => anImage({ name: `web-${index}`, builder: EC2 }));

    expect(buildPolicy(images)).toEqual(buildPolicy([anImage({ builder: EC2 })]));
  });
});

describe('instanceRole', () => {
  it('lets the agent of an instance of the builder ec2 do what Run Command takes, in the regions of the config', () => {
    const { permissionsPolicy, trustPolicy } = instanceRole([anImage({ builder: EC2 })]);

    const statements = permissionsPolicy?.Statement ?? [];
    expect(trustPolicy.Statement[0]).toMatchObject({
      Principal: { Service: ['ec2.amazonaws.com'] },
      Action: ['sts:AssumeRole'],
    });
    expect(statements.flatMap(({ Action }) => Action)).toContain('ssm:UpdateInstanceInformation');
    expect(
      statements.every(({ Condition }) => Condition?.['StringEquals']?.['aws:RequestedRegion'] !== undefined),
    ).toBe(true);
  });

  it('gives the instances of packer nothing', () => {
    expect(instanceRole([anImage()]).permissionsPolicy).toBeUndefined();
  });
});

function listStatements(image: ReturnType<typeof anImage>): Readonly<Record<string, Statement>> {
  return Object.fromEntries(
    buildPolicy([image]).flatMap(({ Statement }) => Statement.map((statement) => [statement.Sid, statement])),
  );
}

function listServices(image: ReturnType<typeof anImage>): readonly string[] {
  return Object.values(listStatements(image)).flatMap(({ Action }) =>
    Action.map((action) => action.split(':')[0] ?? ''),
  );
}
