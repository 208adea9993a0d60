import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateKeyPairCommand } from '@aws-sdk/client-ec2';
import { describe, expect, it } from '@jest/globals';
import { startTestSandbox } from '../../support/a-sandbox.js';
import { withTemporaryFolder } from '../../support/temporary-folder.js';

describe('a new key pair', () => {
  it.each(['rsa', 'ed25519'] as const)(
    'of the type %s opens with OpenSSH and fits the key that machines get',
    async (KeyType) => {
      const test = await startTestSandbox();
      const { KeyMaterial = '' } = await test.ec2.send(new CreateKeyPairCommand({ KeyName: 'mine', KeyType }));
      await test.sandbox.close();

      const fromPrivateKey = await withTemporaryFolder((folder) => {
        const file = join(folder, 'key.pem');
        writeFileSync(file, KeyMaterial, { mode: 0o600 });
        return execFileSync('ssh-keygen', ['-y', '-P', '', '-f', file], { encoding: 'utf8' });
      });

      const world = JSON.parse(readFileSync(test.sandbox.paths.worldFile, 'utf8')) as {
        readonly keyPairs: readonly { readonly publicKey: string }[];
      };
      const [type, key] = fromPrivateKey.trim().split(' ');
      expect(world.keyPairs[0]?.publicKey).toBe(`${type} ${key} mine`);
    },
  );
});
