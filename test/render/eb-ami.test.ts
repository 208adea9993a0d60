// To renew after a change that is meant: UPDATE_GOLDEN=1 npm test -- test/render/eb-ami, and read the diff.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { loadTextTemplates } from '../../src/build/load-templates.js';
import { writeRendered } from '../../src/build/write-rendered.js';
import type { BeanstalkConfig, ResolvedImage } from '../../src/config/resolved-config.js';
import { planBeanstalk } from '../../src/plan/plan-beanstalk.js';
import { planImage } from '../../src/plan/plan-image.js';
import { renderEbAmi } from '../../src/render/eb-ami.js';
import { anImage, planFacts } from '../support/an-image.js';
import { withTemporaryFolder } from '../support/temporary-folder.js';

const branch = 'Node.js 20 running on 64bit Amazon Linux 2023';
const arn = `arn:aws:elasticbeanstalk:us-east-1::platform/${branch}/6.1.0`;
const base = { id: 'ami-0123456789abcdef0', rootDeviceName: '/dev/xvda', platformArn: arn };

function aBeanstalkImage(changes: Partial<BeanstalkConfig> = {}): ResolvedImage {
  const beanstalk: BeanstalkConfig = {
    environment: 'shop-production',
    environmentType: 'LoadBalanced',
    loadBalancerType: 'application',
    rollout: { policy: 'immutable' },
    ...changes,
  };
  const builder = { ...anImage().builder, sshUsername: 'ec2-user' };
  return anImage({ name: 'shop', source: { kind: 'platform-branch', branch }, builder, beanstalk });
}

async function render(image: ResolvedImage, facts = planFacts()) {
  const templates = await loadTextTemplates('/nowhere');
  return renderEbAmi({ plan: planImage(image, facts), beanstalk: planBeanstalk(image, facts), branch }, templates);
}

function textOf(files: Awaited<ReturnType<typeof render>>, path: string): string {
  const content = files.find((file) => file.path === path)?.content;
  return content !== undefined && 'text' in content ? content.text : '';
}

function settingsOf(image: ResolvedImage): readonly string[] {
  const { settings } = planBeanstalk(image, planFacts());
  return settings.map(({ namespace, optionName, value }) => `${namespace.split(':').at(-1)} ${optionName}=${value}`);
}

describe('renderEbAmi', () => {
  it('renders every text of its own as reviewed', async () => {
    const rollout = {
      policy: 'rolling',
      batchPercent: 25,
      managedUpdates: { start: 'Tue:09:00', level: 'minor' },
    } as const;
    const files = await render(aBeanstalkImage({ rollout }), { ...planFacts(), sourceImage: base });

    for (const path of ['README.md', 'options.json', 'image.config', 'environment.sh']) {
      const file = join('test', 'golden', 'eb-ami', path);
      if (process.env['UPDATE_GOLDEN'] === '1') {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, textOf(files, path));
      }
      expect(textOf(files, path)).toBe(readFileSync(file, 'utf8'));
    }
  });

  it('takes the base image as a variable when nobody has looked it up', async () => {
    const files = await render(aBeanstalkImage());

    const template = JSON.parse(textOf(files, 'template.json'));
    expect(template.variables).toMatchObject({ source_ami: null });
    expect(template.builders[0]).toMatchObject({
      ssh_username: 'ec2-user',
      user_data: '#cloud-config\nrepo_upgrade: none\n',
    });
    expect(textOf(files, 'README.md')).toContain('describe-platform-version');
  });

  it('pins the base image that the lock holds, and says in a tag whose it is', async () => {
    const files = await render(aBeanstalkImage(), { ...planFacts(), sourceImage: base });

    const [builder] = JSON.parse(textOf(files, 'template.json')).builders;
    expect(builder).toMatchObject({
      source_ami: base.id,
      tags: { 'buildimg:platform': arn, 'buildimg:source': base.id },
    });
    expect(textOf(files, 'README.md')).toContain(`Base: \`${base.id}\``);
  });

  it('gives the environment the image by a script, with the settings for the API and for .ebextensions', () =>
    withTemporaryFolder(async (folder) => {
      const out = writeRendered({
        outDir: folder,
        name: 'shop',
        files: (await render(aBeanstalkImage())).filter(({ content }) => 'text' in content),
      });
      mkdirSync(join(folder, 'bin'));
      writeFileSync(join(folder, 'bin', 'aws'), '#!/bin/sh\nprintf "%s\\n" "$@"\n');
      chmodSync(join(folder, 'bin', 'aws'), 0o755);
      const env = { ...process.env, PATH: `${folder}/bin:${process.env['PATH']}` };

      const argv = execFileSync(join(out, 'use-image.sh'), [base.id], { env, encoding: 'utf8' }).split('\n');
      const wrong = () => execFileSync(join(out, 'use-image.sh'), ['ami-1; rm -rf /'], { env, stdio: 'pipe' });

      expect(argv.slice(0, 6)).toEqual([
        'elasticbeanstalk',
        'update-environment',
        '--region',
        'us-east-1',
        '--environment-name',
        'shop-production',
      ]);
      const options = JSON.parse(readFileSync(argv.at(-2)?.replace('file://', '') ?? '', 'utf8'));
      expect(options).toContainEqual({
        Namespace: 'aws:autoscaling:launchconfiguration',
        OptionName: 'ImageId',
        Value: base.id,
      });
      const config = parse(readFileSync(join(out, 'bundle/.ebextensions/00-buildimg-image.config'), 'utf8'));
      expect(config.option_settings).toHaveLength(options.length);
      expect(wrong).toThrow(/is not the id of an image/);
    }));

  it.each([
    ['all-at-once', ['rollingupdate RollingUpdateEnabled=false', 'command DeploymentPolicy=AllAtOnce']],
    [
      'rolling',
      [
        'rollingupdate RollingUpdateEnabled=true',
        'rollingupdate RollingUpdateType=Health',
        'command DeploymentPolicy=Rolling',
      ],
    ],
    [
      'rolling-with-additional-batch',
      ['rollingupdate RollingUpdateType=Health', 'command DeploymentPolicy=RollingWithAdditionalBatch'],
    ],
    ['immutable', ['rollingupdate RollingUpdateType=Immutable', 'command DeploymentPolicy=Immutable']],
    ['traffic-splitting', ['rollingupdate RollingUpdateType=Immutable', 'command DeploymentPolicy=TrafficSplitting']],
  ] as const)(
    'rolls images out as the policy %s says, which another namespace governs than deployments',
    (policy, expected) => {
      expect(settingsOf(aBeanstalkImage({ rollout: { policy } }))).toEqual(expect.arrayContaining([...expected]));
    },
  );

  it('sets shares, windows and what the config adds itself', () => {
    const settings = settingsOf(
      aBeanstalkImage({
        rollout: {
          policy: 'traffic-splitting',
          newVersionPercent: 20,
          evaluationMinutes: 10,
          managedUpdates: { start: 'Tue:09:00', level: 'patch' },
        },
        optionSettings: [
          { namespace: 'aws:autoscaling:launchconfiguration', optionName: 'DisableIMDSv1', value: 'false' },
        ],
      }),
    );

    expect(settings).toEqual(
      expect.arrayContaining([
        'launchconfiguration DisableIMDSv1=false',
        'trafficsplitting NewVersionPercent=20',
        'trafficsplitting EvaluationTime=10',
        'managedactions PreferredStartTime=Tue:09:00',
        'platformupdate UpdateLevel=patch',
      ]),
    );
  });

  it('says in its README that managed updates leave a named image behind', async () => {
    const rollout = { policy: 'immutable', managedUpdates: { start: 'Tue:09:00', level: 'minor' } } as const;

    const files = await render(aBeanstalkImage({ rollout }));

    expect(textOf(files, 'README.md')).toContain('the two drift apart');
  });

  it('carries the bundle, hooks executable, and refuses hooks that nothing runs', () => {
    const fact = { digest: '', mode: 0o644 };
    const image = aBeanstalkImage({ bundle: '/config/bundle' });
    const facts = planFacts({
      '/config/bundle/.platform/hooks/predeploy/1.sh': fact,
      '/config/bundle/.ebextensions/a.config': fact,
    });
    const misplaced = planFacts({ '/config/bundle/.platform/hooks/appdeploy/1.sh': fact });

    expect(planBeanstalk(image, facts).bundle.map(({ path, mode }) => `${path} ${mode.toString(8)}`)).toEqual([
      '.ebextensions/a.config 644',
      '.platform/hooks/predeploy/1.sh 755',
    ]);
    expect(() => planBeanstalk(image, misplaced)).toThrow(expect.objectContaining({ code: 'BEANSTALK_HOOK_PLACE' }));
  });

  it('needs a beanstalk section', () => {
    expect(() => planBeanstalk(anImage(), planFacts())).toThrow(expect.objectContaining({ code: 'BEANSTALK_MISSING' }));
  });
});
