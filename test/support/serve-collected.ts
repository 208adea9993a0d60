// What a guest answers when the builder ec2 looks at it before it is sealed, by each of the ways that files come.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { collect } from './a-captured-disk.js';
import type { Ec2Builds } from './an-ec2-build.js';
import { exitedWith } from './fake-instance-driver.js';

/** From now on the guests of `test` are a small system with `files` in it. */
export function serveCollected(test: Ec2Builds, files: Readonly<Record<string, string>>): void {
  const content = readFileSync(collect(test.root, files));
  test.guests.content = content;
  test.answerWith(async (script) => {
    const url = urlOf(script);
    const digest = createHash('sha256').update(content).digest('hex');
    if (url !== undefined) {
      await fetch(url, { method: 'PUT', body: content });
      return exitedWith(0, { stdout: `${digest}\n` });
    }
    if (script.includes('wc -c <')) return exitedWith(0, { stdout: `${content.length}\n${digest}  -\n` });
    const [, offset, length] = /tail -c \+(\d+) .* head -c (\d+)/.exec(script) ?? [];
    if (offset === undefined) return undefined;
    const piece = content.subarray(Number(offset) - 1, Number(offset) - 1 + Number(length));
    return exitedWith(0, { stdout: piece.toString('base64') });
  });
}

/** The presigned URL that a script has for curl. */
export function urlOf(script: string): string | undefined {
  return /^url = "(.*)"$/m.exec(script)?.[1];
}
