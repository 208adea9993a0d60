// OpenSSH's own formats. RSA keys leave EC2 as PKCS#1 PEM, ed25519 keys in the format that ssh-keygen writes, which
// node:crypto cannot export. https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key

import { createPublicKey, type KeyObject, randomBytes } from 'node:crypto';

/** The one line that goes into authorized_keys, with `comment` at its end. */
export function formatPublicKeyLine(key: KeyObject, comment: string): string {
  const type = key.asymmetricKeyType === 'rsa' ? 'ssh-rsa' : 'ssh-ed25519';
  return `${type} ${encodePublicKey(key).toString('base64')} ${comment}`;
}

/** The public key as the SSH protocol has it. */
export function encodePublicKey(key: KeyObject): Buffer {
  const jwk = createPublicKeyOf(key).export({ format: 'jwk' });
  if (key.asymmetricKeyType === 'rsa') {
    return Buffer.concat([
      packString('ssh-rsa'),
      packInteger(Buffer.from(String(jwk.e), 'base64url')),
      packInteger(Buffer.from(String(jwk.n), 'base64url')),
    ]);
  }
  return Buffer.concat([packString('ssh-ed25519'), packString(Buffer.from(String(jwk.x), 'base64url'))]);
}

/** An unencrypted ed25519 private key as `-----BEGIN OPENSSH PRIVATE KEY-----`. */
export function formatEd25519PrivateKey(key: KeyObject, comment: string): string {
  const jwk = key.export({ format: 'jwk' });
  const publicPart = Buffer.from(String(jwk.x), 'base64url');
  const secret = Buffer.concat([Buffer.from(String(jwk.d), 'base64url'), publicPart]);
  const check = randomBytes(4);
  const body = Buffer.concat([
    check,
    check,
    packString('ssh-ed25519'),
    packString(publicPart),
    packString(secret),
    packString(comment),
  ]);
  // Padded to the cipher's block, 8 bytes for "none", with 1, 2, 3 …
  const padding = Buffer.from(Array.from({ length: (8 - (body.length % 8)) % 8 }, (_, index) => index + 1));
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    packString('none'),
    packString('none'),
    packString(''),
    packNumber(1),
    packString(encodePublicKey(key)),
    packString(Buffer.concat([body, padding])),
  ]);
  const lines = file.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}

function createPublicKeyOf(key: KeyObject): KeyObject {
  return key.type === 'private' ? createPublicKey(key) : key;
}

function packNumber(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}

function packString(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([packNumber(bytes.length), bytes]);
}

// A leading bit would make the number negative.
function packInteger(bytes: Buffer): Buffer {
  return packString((bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes);
}
