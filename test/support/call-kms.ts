import { createHash, createHmac } from 'node:crypto';
import type { SandboxInfo } from '../../src/sandbox/sandbox-info.js';

/** A call of KMS, signed after AWS's description: no client of KMS is installed. Throws an error named by its code. */
export async function callKms(
  { endpoint, credentials }: Pick<SandboxInfo, 'endpoint' | 'credentials'>,
  action: string,
  input: object,
  region = 'us-east-1',
): Promise<{ readonly [member: string]: unknown }> {
  const body = JSON.stringify(input);
  const time = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = [time.slice(0, 8), region, 'kms', 'aws4_request'];
  const headers = { host: new URL(endpoint).host, 'x-amz-date': time, 'x-amz-target': `TrentService.${action}` };
  const signed = Object.keys(headers).join(';');
  const canonical = [
    'POST',
    '/',
    '',
    ...Object.entries(headers).map(([name, value]) => `${name}:${value}`),
    '',
    signed,
    sha256(body),
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(canonical)].join('\n');
  let key: string | Buffer = `AWS4${credentials.secretAccessKey}`;
  for (const part of scope) key = createHmac('sha256', key).update(part).digest();
  const signature = createHmac('sha256', key).update(text).digest('hex');
  const response = await fetch(endpoint, {
    method: 'POST',
    body,
    headers: {
      ...headers,
      'content-type': 'application/x-amz-json-1.1',
      authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope.join('/')}, SignedHeaders=${signed}, Signature=${signature}`,
    },
  });
  const answer = (await response.json()) as { readonly [member: string]: unknown };
  if (response.ok) return answer;
  throw Object.assign(new Error(String(answer['message'])), { name: String(answer['__type']) });
}

/** Makes a key and gives its ARN. */
export async function createKmsKey(
  sandbox: Pick<SandboxInfo, 'endpoint' | 'credentials'>,
  { region = 'us-east-1', alias }: { readonly region?: string; readonly alias?: string } = {},
): Promise<string> {
  const { KeyMetadata } = await callKms(sandbox, 'CreateKey', {}, region);
  const { Arn } = KeyMetadata as { readonly Arn: string };
  if (alias !== undefined) await callKms(sandbox, 'CreateAlias', { AliasName: alias, TargetKeyId: Arn }, region);
  return Arn;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
