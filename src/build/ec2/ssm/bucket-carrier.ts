// Files through a bucket: one upload, and one request of the instance by a URL that is good for a few minutes. Whoever has the
// URL has the file, so it stands in a file that only root reads, never in an argument; objects go as soon as they have served.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { AwsAccess } from '../../../aws/create-aws-access.js';
import { createMask } from '../../../config/mask-secrets.js';
import { BuildimgError, createError } from '../../../errors.js';
import type { InstanceShell, LocalFile } from '../../../plugins/types.js';
import { quoteShell } from '../../../render/quote.js';
import type { Run } from '../../run.js';
import { CONTROL_DIR } from '../step-script.js';

export interface BucketScope {
  readonly bucket: string;
  readonly run: Run;
  readonly aws: Pick<AwsAccess, 'files' | 'resources'>;
  readonly runText: InstanceShell['run'];
}

/** Long enough for a command that is delivered late and a slow line; a stolen URL is of no use after it. */
const URL_SECONDS = 900;
const LIMIT_SECONDS = 800;

/** Errors of both: those of S3 and of `runText`. */
export function createBucketCarrier(scope: BucketScope): Pick<InstanceShell, 'upload' | 'download'> {
  return {
    async upload(file, { path, afterwards }) {
      await withObject('payload', scope, async (key) => {
        const { bucket, aws } = scope;
        await aws.files.putFile({ bucket, key, path: file.path, size: file.size, digest: file.digest });
        const url = await aws.files.presign('GET', { bucket, key, expiresSeconds: URL_SECONDS });
        await runWithUrl('fetch the files of the image', url, renderFetch(file, path) + afterwards, scope);
      });
    },
    async download(path, localPath) {
      await withObject('collected', scope, async (key) => {
        const { bucket, aws } = scope;
        const url = await aws.files.presign('PUT', { bucket, key, expiresSeconds: URL_SECONDS });
        const digest = await runWithUrl(`send ${path}`, url, renderSend(path), scope);
        await aws.files.fetchFile({ bucket, key, path: localPath });
        if ((await digestOf(localPath)) !== digest.trim()) throw createError('EC2_DOWNLOAD_DAMAGED', [path]);
      });
    },
  };
}

/** The run knows of the object before it is there, and says when it is gone. */
async function withObject(name: string, { bucket, run, aws }: BucketScope, act: (key: string) => Promise<void>) {
  const key = `buildimg/${run.id}/${name}.tar.gz`;
  const id = `${bucket}/${key}`;
  run.learn('object', id);
  await act(key);
  await aws.resources.deleteObject(id);
  run.record({ kind: 'removed', resource: 'object', id });
}

async function runWithUrl(what: string, url: string, text: string, { runText }: BucketScope): Promise<string> {
  if (!/^https?:\/\/[\w.~:/?#@!$&'()*+,;=%-]+$/.test(url)) throw new Error('A presigned URL has odd characters');
  const folder = `${CONTROL_DIR}/url`;
  const script = `set -eu
umask 077
mkdir -p ${folder}
trap 'rm -rf ${folder}' EXIT
cat >${folder}/curl <<'END_OF_URL'
url = "${url}"
END_OF_URL
${text}`;
  try {
    return await runText({ what, text: script, limitSeconds: LIMIT_SECONDS });
  } catch (error) {
    if (!(error instanceof BuildimgError && error.code === 'EC2_COMMAND_FAILED')) throw error;
    // Tools name the URL in some of their messages.
    const { code, message, exit, hint } = error;
    throw new BuildimgError(code, createMask([url])(message), exit, hint);
  }
}

// curl where there is one; cloud-init brings Python everywhere else.
function renderFetch({ digest }: LocalFile, path: string): string {
  const file = quoteShell(path);
  return `if command -v curl >/dev/null; then
  curl -fsS --retry 4 --retry-connrefused --config ${CONTROL_DIR}/url/curl -o ${file}
else
  python3 - ${CONTROL_DIR}/url/curl ${file} <<'END_OF_PYTHON'
import shutil, sys, urllib.request
url = open(sys.argv[1]).read().split('"')[1]
with urllib.request.urlopen(url, timeout=60) as answer, open(sys.argv[2], 'wb') as file:
    shutil.copyfileobj(answer, file)
END_OF_PYTHON
fi
printf '%s  %s\\n' ${digest} ${file} | sha256sum -c --quiet
`;
}

function renderSend(path: string): string {
  const file = quoteShell(path);
  return `if command -v curl >/dev/null; then
  curl -fsS --retry 4 --retry-connrefused --config ${CONTROL_DIR}/url/curl -T ${file} >/dev/null
else
  python3 - ${CONTROL_DIR}/url/curl ${file} <<'END_OF_PYTHON'
import os, sys, urllib.request
url = open(sys.argv[1]).read().split('"')[1]
with open(sys.argv[2], 'rb') as file:
    length = str(os.path.getsize(sys.argv[2]))
    urllib.request.urlopen(urllib.request.Request(url, file, {'Content-Length': length}, method='PUT'), timeout=60)
END_OF_PYTHON
fi
sha256sum <${file} | cut -d ' ' -f 1
`;
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
