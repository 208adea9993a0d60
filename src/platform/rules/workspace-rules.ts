import { quoteValue } from '../../config/printable.js';
import type { PlatformFinding } from '../finding.js';
import { isRecord } from '../is-record.js';
import type { ArchiveText } from '../read-text.js';

/** Role of the instances of environments: Packer "will fail to create a custom platform if you use" it. */
const ENVIRONMENT_PROFILE = 'aws-elasticbeanstalk-ec2-role';

export interface WorkspaceFacts {
  readonly findings: readonly PlatformFinding[];
  readonly region?: string;
}

/** .elasticbeanstalk/config.yml: not part of the archive, but what decides how the EB CLI sends it. */
export function checkWorkspace(text: ArchiveText): WorkspaceFacts {
  const global = isRecord(text.value) && isRecord(text.value['global']) ? text.value['global'] : undefined;
  if (global === undefined) return { findings: text.findings };
  const findings = [...text.findings];
  const { instance_profile: profile, default_region: region, workspace_type: type } = global;
  if (profile === ENVIRONMENT_PROFILE) {
    findings.push(text.find('PLATFORM_INSTANCE_PROFILE', { at: ['global', 'instance_profile'] }, [profile]));
  }
  if (region === null) {
    const place = { at: ['global', 'default_region'], severity: 'warning' } as const;
    findings.push(
      text.find('PLATFORM_CONFIG_YML', place, [
        'default_region is null, as `ebp init` leaves it; then no region is found',
      ]),
    );
  }
  if (type !== undefined && type !== 'Platform') {
    const what = `workspace_type is ${quoteValue(type)}; the EB CLI makes platforms in a workspace of type Platform only`;
    findings.push(text.find('PLATFORM_CONFIG_YML', { at: ['global', 'workspace_type'] }, [what]));
  }
  return { findings, ...(typeof region === 'string' && { region }) };
}
