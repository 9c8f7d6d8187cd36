import { createECDH } from 'node:crypto';

/** The key by which push services recognise the sender (RFC 8292). Both halves are base64url. */
export interface VapidKey {
  readonly publicKey: string;
  readonly privateKey: string;
}

/**
 * The key pair of a private key.
 * @param privateKey 32 bytes in base64url
 * @throws Error when it is no key of the curve P-256
 */
export function vapidKeyOf(privateKey: string): VapidKey {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(Buffer.from(privateKey, 'base64url'));
  return { privateKey, publicKey: ecdh.getPublicKey().toString('base64url') };
}

/** A new key. */
export function newVapidKey(): VapidKey {
  const ecdh = createECDH('prime256v1');
  ecdh.generateKeys();
  // Leading zeros belong to the key: push services expect 32 bytes.
  const bytes = Buffer.alloc(32);
  const own = ecdh.getPrivateKey();
  own.copy(bytes, 32 - own.length);
  return vapidKeyOf(bytes.toString('base64url'));
}
