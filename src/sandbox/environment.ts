import type { SandboxInfo } from './sandbox-info.js';

/**
 * Variables that would take a client past the sandbox or give it somebody's real account. Remove them from the
 * environment before sandboxEnvironment's are added: an empty AWS_PROFILE is an error to some SDKs.
 */
export const CLEARED_VARIABLES: readonly string[] = [
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_SESSION_TOKEN',
  'AWS_SECURITY_TOKEN',
  'AWS_ROLE_ARN',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_ENDPOINT_URL_EBS',
  'AWS_ENDPOINT_URL_EC2',
  'AWS_ENDPOINT_URL_SSM',
  'AWS_ENDPOINT_URL_STS',
  'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
  'AWS_USE_FIPS_ENDPOINT',
  'AWS_USE_DUALSTACK_ENDPOINT',
  'ALL_PROXY',
  'all_proxy',
  'https_proxy',
  'no_proxy',
];

/**
 * The environment that makes an unchanged client talk to a sandbox.
 *
 * Two ways lead there, because no one way serves all: Packer 1.6.6 and everything else of Go's old SDK know only
 * HTTPS_PROXY and AWS_CA_BUNDLE (with the real host names, as against AWS); the JavaScript SDK ignores proxies and knows
 * only AWS_ENDPOINT_URL. Clients that know both use the endpoint, and fail rather than reach AWS if they use neither.
 * SSL_CERT_FILE is not set: it replaces the system's roots in every program.
 */
export function sandboxEnvironment(info: SandboxInfo, region = info.region): Readonly<Record<string, string>> {
  return {
    AWS_ACCESS_KEY_ID: info.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: info.credentials.secretAccessKey,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL: info.endpoint,
    HTTPS_PROXY: info.proxy,
    NO_PROXY: 'localhost,127.0.0.1',
    AWS_CA_BUNDLE: info.caFile,
    NODE_EXTRA_CA_CERTS: info.caFile,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    CHECKPOINT_DISABLE: '1',
  };
}
