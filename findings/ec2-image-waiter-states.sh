#!/usr/bin/env bash
# @aws-sdk/client-ec2 3.1169.0 (npm), waitUntilImageAvailable.
# Expected: the waiter ends as soon as the image can no longer become available.
# Seen: it ends at once for `available` and `failed` alone. For an image in state `error`, `invalid`, `deregistered` or
#   `disabled`, and for an empty list of images, it asks again until its time limit.
# Why it matters: an image build that has failed can look like one that is slow, for the whole limit of the wait.
# Needs: Node 20 and npm. The replies come from a middleware; nothing is sent.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --save-exact @aws-sdk/client-ec2@3.1169.0 >/dev/null 2>&1
cat >waiter.mjs <<'JS'
import { EC2Client, waitUntilImageAvailable } from '@aws-sdk/client-ec2';
const lists = ['available', 'failed', 'error', 'invalid', 'deregistered', 'disabled'].map((State) => [{ ImageId: 'ami-1', State }]);
for (const Images of [...lists, []]) {
  const client = new EC2Client({ region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  const answer = async () => ({ output: { Images, $metadata: {} }, response: {} });
  client.middlewareStack.add(() => answer, { step: 'initialize' });
  const limits = { client, maxWaitTime: 3, minDelay: 1, maxDelay: 1 };
  const end = await waitUntilImageAvailable(limits, { ImageIds: ['ami-1'] }).then(
    ({ state }) => state,
    (error) => JSON.parse(error.message).state,
  );
  console.log(`${Images[0]?.State ?? 'no image'}: ${end}`);
}
JS
cat >expected <<'TEXT'
available: SUCCESS
failed: FAILURE
error: TIMEOUT
invalid: TIMEOUT
deregistered: TIMEOUT
disabled: TIMEOUT
no image: TIMEOUT
TEXT
node --no-warnings waiter.mjs >seen
diff expected seen && echo 'as described'
