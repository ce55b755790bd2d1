import { sign, verify } from 'node:crypto';
import { ed25519 as noble } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { isNativeCurve, okpPrivateKey, okpPublicKey, okpPublicOctets } from './okp.js';

export const signatureLength = 64;

/** One signer's Ed25519 key (RFC 8032 section 5.1). */
export interface Ed25519Key {
  /** 32 octets. */
  readonly publicKey: Uint8Array;
  /** 64 octets, the same for the same message. */
  sign(message: Uint8Array): Uint8Array;
}

/**
 * Ed25519 with one verdict for every input, so that a receipt which one program accepts none refuses:
 * S < L, the public key canonical and not of small order (a signature under such a key holds for many messages),
 * and the equation without the cofactor, [S]B = R + [k]A, compared as octets.
 */
export interface Ed25519 {
  /** The key that 32 random octets make. */
  key(secret: Uint8Array): Ed25519Key;
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/** By OpenSSL: constant time, and ten times faster. */
export const nodeEd25519: Ed25519 = {
  key(secret) {
    checkLength(secret);
    const privateKey = okpPrivateKey('Ed25519', secret);
    return {
      publicKey: okpPublicOctets(privateKey),
      sign: (message) => new Uint8Array(sign(null, message, privateKey)),
    };
  },
  verify(publicKey, message, signature) {
    if (!isAcceptable(publicKey) || signature.length !== signatureLength) return false;
    return verify(null, message, okpPublicKey('Ed25519', publicKey), signature);
  },
};

/** In JavaScript, for a Node whose OpenSSL lacks the curve. */
export const nobleEd25519: Ed25519 = {
  key(secret) {
    checkLength(secret);
    const own = Uint8Array.from(secret);
    return { publicKey: noble.getPublicKey(own), sign: (message) => noble.sign(message, own) };
  },
  // noble's own `verify` multiplies by the cofactor, so it accepts signatures that OpenSSL refuses.
  verify(publicKey, message, signature) {
    if (!isAcceptable(publicKey) || signature.length !== signatureLength) return false;
    const r = signature.subarray(0, 32);
    const s = fromLittleEndian(signature.subarray(32));
    try {
      const a = noble.Point.fromBytes(publicKey);
      const k = fromLittleEndian(sha512(concatBytes(r, publicKey, message))) % order;
      const expected = noble.Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(k)).toBytes();
      return Buffer.compare(expected, r) === 0;
    } catch {
      return false; // The public key is no point, or S is L or more.
    }
  },
};

const order = noble.Point.Fn.ORDER;

/** y of the points of order 1, 2, 4 and 8; the sign of x makes eight points of these five. */
const smallOrderY = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
];

/** Canonical (y < p) and not of small order. */
function isAcceptable(publicKey: Uint8Array): boolean {
  if (publicKey.length !== 32) return false;
  const y = Buffer.from(publicKey);
  y[31] = (y[31] as number) & 0x7f;
  const isReduced = fromLittleEndian(y) < noble.Point.Fp.ORDER;
  return isReduced && !smallOrderY.includes(y.toString('hex'));
}

function fromLittleEndian(octets: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(octets).reverse().toString('hex')}`);
}

function checkLength(secret: Uint8Array): void {
  if (secret.length !== 32) throw new RangeError(`an Ed25519 secret has 32 octets, not ${secret.length}`);
}

export const ed25519: Ed25519 = isNativeCurve('Ed25519') ? nodeEd25519 : nobleEd25519;
