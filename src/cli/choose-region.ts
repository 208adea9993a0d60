// The EB CLI takes -r, then `default_region` of .elasticbeanstalk/config.yml, then what botocore finds: AWS_DEFAULT_REGION
// and the profile, but not AWS_REGION, which every other SDK reads (ebcli/core/hooks.py, botocore/configprovider.py). So it may
// go to another region than the person, packer and we do.

export interface RegionSources {
  /** `--region`. */
  readonly asked?: string | undefined;
  /** `default_region` of the workspace. */
  readonly workspace?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface ChosenRegion {
  /** Undefined: only the profile can say. */
  readonly region: string | undefined;
  /** Where somebody else would go to another region. */
  readonly warning?: string;
}

/** The region to work in: as the EB CLI chooses it, and AWS_REGION where that would ask botocore. */
export function chooseRegion({ asked, workspace, environment }: RegionSources): ChosenRegion {
  const { AWS_REGION: fromSdks, AWS_DEFAULT_REGION: fromBotocore } = environment;
  const region = [asked, workspace, fromSdks, fromBotocore].find(Boolean);
  if (region === undefined) return { region };
  if (asked && workspace && asked !== workspace) {
    return {
      region,
      warning: `The platform is for ${asked}, but .elasticbeanstalk/config.yml says ${workspace}: without -r ${asked}, eb and buildimg look there.`,
    };
  }
  if (!asked && workspace) {
    const [name, value] = fromSdks ? ['AWS_REGION', fromSdks] : ['AWS_DEFAULT_REGION', fromBotocore];
    return value && value !== workspace
      ? { region, warning: `${name} is ${value}, but .elasticbeanstalk/config.yml says ${workspace}, which counts.` }
      : { region };
  }
  if (workspace || fromBotocore === region) return { region };
  return {
    region,
    warning: `The platform is for ${region}, but eb would go to ${fromBotocore || 'the region of its profile'}: .elasticbeanstalk/config.yml has no default_region, and eb does not read AWS_REGION. Set it with buildimg platform init -r ${region}.`,
  };
}
