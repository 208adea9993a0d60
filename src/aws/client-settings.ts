export interface AwsAccessOptions {
  readonly region: string;
  /** Where credentials are taken from when an endpoint is given; otherwise the SDK's usual chain is asked. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of the AWS CLI, instead of what the environment says; not used with another endpoint. */
  readonly profile?: string;
  /** URL of another endpoint, for example the sandbox's. */
  readonly endpoint?: string;
  /** URL by which instances reach that endpoint. */
  readonly guestEndpoint?: string;
}

/** Settings of an SDK client. */
export function clientSettings(options: AwsAccessOptions) {
  return { region: options.region, maxAttempts: 5, ...endpointSettings(options) };
}

// A profile of the user's must never be used against an endpoint that is not AWS, so the key pair comes from the
// environment that goes with the endpoint, and from nowhere else.
function endpointSettings({ endpoint, environment, profile }: AwsAccessOptions) {
  if (endpoint === undefined) {
    return profile === undefined ? {} : { profile };
  }
  const { AWS_SESSION_TOKEN: sessionToken } = environment;
  return {
    endpoint,
    credentials: {
      accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? 'missing',
      secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? 'missing',
      ...(sessionToken === undefined ? {} : { sessionToken }),
    },
  };
}
