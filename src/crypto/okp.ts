import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

/** The curves of RFC 8037 that version 2 uses. */
export type OkpCurve = 'X25519' | 'Ed25519';

// Keys go into OpenSSL as JSON Web Keys (RFC 8037): its DER decoder takes ten times as long.

/** `secret` as a key of Node's. */
export function okpPrivateKey(curve: OkpCurve, secret: Uint8Array): KeyObject {
  // A private JWK must name x; Node computes the public key from d all the same.
  const key = { kty: 'OKP', crv: curve, d: Buffer.from(secret).toString('base64url'), x: '' };
  return createPrivateKey({ key, format: 'jwk' });
}

/** A public key's octets as a key of Node's. */
export function okpPublicKey(curve: OkpCurve, octets: Uint8Array): KeyObject {
  const key = { kty: 'OKP', crv: curve, x: Buffer.from(octets).toString('base64url') };
  return createPublicKey({ key, format: 'jwk' });
}

/** The public key's octets that belong to a private key of Node's. */
export function okpPublicOctets(privateKey: KeyObject): Uint8Array {
  return new Uint8Array(Buffer.from(privateKey.export({ format: 'jwk' }).x ?? '', 'base64url'));
}

/** Whether this Node's OpenSSL has the curve; `getCurves` does not list these. */
export function isNativeCurve(curve: OkpCurve): boolean {
  try {
    return okpPublicKey(curve, Uint8Array.of(9, ...new Uint8Array(31))).type === 'public';
  } catch {
    return false;
  }
}
