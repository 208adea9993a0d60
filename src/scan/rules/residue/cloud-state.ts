import type { RuleContext } from '../context.js';
import { expandGlob } from '../glob.js';
import { type Leftover, listLeftovers } from '../leftovers.js';
import { type Fault, inEveryPolicy, type RuleGroup, whenPublished } from '../rule.js';

/** State of cloud-init and of AWS agents from the build instance. */
export const cloudStateRules: RuleGroup = {
  checks: [
    {
      id: 'SEAL-005',
      title: 'cloud-init starts afresh',
      why: 'With its state kept, cloud-init takes the instance for an old one; user-data of the build stays readable.',
      source: 'AWS Marketplace; image-builder',
      remedy:
        'cloud-init clean --logs, without --machine-id; it also deletes /var/lib/cloud/scripts, so install first-boot code after it or elsewhere.',
      policies: inEveryPolicy,
      severity: 'high',
    },
    {
      id: 'SEAL-007',
      title: 'cloud-init looks for EC2',
      why: 'What an installer leaves turns cloud-init off or away from EC2: no key, no user-data, no login.',
      source: 'image-builder sysprep',
      remedy: 'Remove the file, and take Ec2 into datasource_list.',
      policies: inEveryPolicy,
      severity: 'high',
    },
    {
      id: 'SEAL-013',
      title: 'The SSM agent is not registered',
      why: 'Instances would share the identity of the build instance, and its vault of keys.',
      source: 'EC2 Image Builder clean-up',
      remedy: 'Stop amazon-ssm-agent, rm -rf /var/lib/amazon/ssm/* /var/log/amazon/ssm. Keep /etc/amazon/ssm.',
      policies: inEveryPolicy,
      severity: 'medium',
    },
    {
      id: 'SEAL-014',
      title: 'No state of CloudWatch, ECS, EKS or CodeDeploy',
      why: 'Agents go on where the build instance stopped: they skip logs, or join its cluster.',
      source: 'ECS and EKS AMI clean-up scripts',
      remedy: 'Stop the agent and remove its state.',
      policies: inEveryPolicy,
      severity: 'medium',
    },
    {
      id: 'SEAL-015',
      title: 'No subscription of the publisher',
      why: 'Customers would use, and could misuse, the publisher’s entitlement.',
      source: 'image-builder; virt-sysprep rhn-systemid',
      remedy: 'subscription-manager unregister && subscription-manager clean; pro detach; SUSEConnect --cleanup.',
      policies: whenPublished,
      severity: 'high',
    },
  ],
  evaluate: findCloudStateFaults,
};

const LEFTOVERS: readonly Leftover[] = [
  {
    check: 'SEAL-005',
    paths: ['/var/lib/cloud/{instances,data,sem,handlers}/*'],
    what: 'state of cloud-init from the build',
    evenIfEmpty: true,
  },
  {
    check: 'SEAL-005',
    paths: ['/var/lib/cloud/instance'],
    what: 'a link to the instance of the build',
    evenIfEmpty: true,
  },
  {
    check: 'SEAL-007',
    paths: [
      '/etc/cloud/cloud-init.disabled',
      '/etc/cloud/ds-identify.cfg',
      '/etc/cloud/cloud.cfg.d/{99-installer,subiquity-*,90-installer-network,curtin-*}.cfg',
    ],
    what: 'left by an installer and keeps cloud-init from EC2',
    evenIfEmpty: true,
  },
  {
    check: 'SEAL-013',
    paths: [
      '/var/lib/amazon/ssm/{i-*,mi-*}',
      '/var/lib/amazon/ssm/Vault/**',
      '/var/lib/amazon/ssm/registration',
      '/var/snap/amazon-ssm-agent/*/{i-*,mi-*,Vault,registration}',
    ],
    what: 'a registration of the SSM agent',
    evenIfEmpty: true,
    except: (entry) => entry.type === 'directory' && entry.path.includes('/Vault/'),
  },
  { check: 'SEAL-013', paths: ['/var/log/amazon/ssm/**'], what: 'a log of the SSM agent' },
  {
    check: 'SEAL-014',
    paths: ['/opt/aws/amazon-cloudwatch-agent/logs/state/*', '/opt/aws/amazon-cloudwatch-agent/logs/*.log'],
    what: 'state of the CloudWatch agent',
  },
  {
    check: 'SEAL-014',
    paths: ['/var/lib/ecs/data/*', '/var/lib/kubelet/**', '/etc/kubernetes/*.conf'],
    what: 'membership in a cluster',
  },
  {
    check: 'SEAL-014',
    paths: ['/opt/codedeploy-agent/deployment-root/**', '/etc/codedeploy-agent/conf/codedeploy.onpremises.yml'],
    what: 'state of CodeDeploy',
  },
  {
    check: 'SEAL-015',
    paths: ['/etc/pki/{consumer,entitlement}/*', '/etc/sysconfig/rhn/systemid'],
    what: 'a registration with Red Hat',
  },
  {
    check: 'SEAL-015',
    paths: ['/var/lib/ubuntu-advantage/private/machine-token.json', '/var/lib/ubuntu-pro/private/*'],
    what: 'a registration with Ubuntu Pro',
  },
  { check: 'SEAL-015', paths: ['/etc/zypp/credentials.d/SCC*', '/etc/SUSEConnect'], what: 'a registration with SUSE' },
];

async function* findCloudStateFaults(context: RuleContext): AsyncIterable<Fault> {
  yield* listLeftovers(context, LEFTOVERS);
  const { merged, files, isInstalled } = await context.cloud();
  const sources = merged['datasource_list'];
  if (isInstalled && Array.isArray(sources) && !sources.includes('Ec2')) {
    const path = files.findLast((file) => 'datasource_list' in file.content)?.path;
    yield { check: 'SEAL-007', path, message: `datasource_list is [${sources.join(', ')}], without Ec2` };
  }
  for (const { path } of expandGlob(context.tree, '/etc/cloud/cloud.cfg.d/*curtin*')) {
    if (!path.includes('/curtin-')) yield { check: 'SEAL-007', path, message: `${path} is left by an installer` };
  }
}
