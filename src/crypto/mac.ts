import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** An octet string, or ASCII text for a label of the protocol. */
export type Message = Uint8Array | string;

/** SHA-1 (FIPS 180) of the parts one after the other; 20 octets. Version 1 alone uses it. */
export function sha1(...parts: readonly Message[]): Uint8Array {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/** HMAC-SHA1 (RFC 2104) of the parts one after the other; 20 octets. */
export function hmacSha1(key: Uint8Array, ...parts: readonly Message[]): Uint8Array {
  const mac = new HmacSha1(key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** HMAC-SHA1 of a message that comes in pieces. */
export class HmacSha1 {
  readonly #mac;

  constructor(key: Uint8Array) {
    this.#mac = createHmac('sha1', key);
  }

  update(part: Message): this {
    this.#mac.update(part);
    return this;
  }

  /** 20 octets; once. */
  digest(): Uint8Array {
    return new Uint8Array(this.#mac.digest());
  }
}

/** Compares secrets in a time that depends on their lengths alone. */
export function equalOctets(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
