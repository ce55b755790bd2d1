import { createCipheriv, createDecipheriv } from 'node:crypto';
import { equalOctets, HmacSha1, hmacSha1 } from './mac.js';

/**
 * The file cipher of version 1 (protocol text A.3, seed 001 p. 24): C is 3DES-EDE-CBC of F | FileHash | pad, with
 * FileHash = HMAC{SKey}("File_Check" | F). The initial vector is zero, which is sound only because a session
 * key encrypts one message.
 */
export const fileBlockLength = 8;
const fileHashLength = 20;

/** |C| of a container of this many octets. */
export function sealedLength(containerLength: number): number {
  const unpadded = containerLength + fileHashLength;
  return unpadded + fileBlockLength - (unpadded % fileBlockLength);
}

/** Step 610 in a single pass: octets of F in, octets of C out. */
export class FileSealer {
  readonly #hash: HmacSha1;
  readonly #cipher;

  constructor(sessionKey: Uint8Array) {
    this.#hash = new HmacSha1(sessionKey).update('File_Check');
    this.#cipher = createCipheriv('des-ede3-cbc', fileKey(sessionKey), zeroVector());
  }

  update(container: Uint8Array): Uint8Array {
    this.#hash.update(container);
    return this.#cipher.update(container);
  }

  /** The last octets of C. */
  finish(): { readonly octets: Uint8Array; readonly fileHash: Uint8Array } {
    const fileHash = this.#hash.digest();
    // OpenSSL's own padding is PKCS#5's: n octets of value n, 1 to 8.
    return { octets: Buffer.concat([this.#cipher.update(fileHash), this.#cipher.final()]), fileHash };
  }
}

/**
 * Steps 765 and 775 in a single pass: octets of C in, octets of F out. The last octets are held back until the
 * end tells which of them are hash and padding. What comes out before `finish` says `intact` is not yet proven.
 */
export class FileOpener {
  readonly #hash: HmacSha1;
  readonly #decipher;
  #held: Uint8Array = new Uint8Array();
  #length = 0;

  constructor(sessionKey: Uint8Array) {
    this.#hash = new HmacSha1(sessionKey).update('File_Check');
    // Padding is judged in `finish`, together with everything else.
    this.#decipher = createDecipheriv('des-ede3-cbc', fileKey(sessionKey), zeroVector()).setAutoPadding(
      false,
    );
  }

  update(sealed: Uint8Array): Uint8Array {
    this.#length += sealed.length;
    const plain = Buffer.concat([this.#held, this.#decipher.update(sealed)]);
    const sure = Math.max(0, plain.length - fileHashLength - fileBlockLength);
    this.#held = plain.subarray(sure);
    const container = plain.subarray(0, sure);
    this.#hash.update(container);
    return container;
  }

  /**
   * The last octets of F, and the FileHash computed here over all of F (765). One verdict for every fault:
   * wrong length, wrong padding or another appended hash must not be told apart (B.1 attack 21).
   */
  finish(): FileVerdict {
    if (this.#length < 4 * fileBlockLength || this.#length % fileBlockLength !== 0) return { kind: 'broken' };
    this.#decipher.final();
    const padding = this.#held.at(-1) as number;
    const paddingIsRight =
      padding >= 1 &&
      padding <= fileBlockLength &&
      this.#held.subarray(-padding).every((octet) => octet === padding);
    const hashEnd = this.#held.length - (paddingIsRight ? padding : 1);
    const container = this.#held.subarray(0, hashEnd - fileHashLength);
    const fileHash = this.#hash.update(container).digest();
    const hashIsRight = equalOctets(fileHash, this.#held.subarray(hashEnd - fileHashLength, hashEnd));
    return paddingIsRight && hashIsRight
      ? { kind: 'intact', octets: container, fileHash }
      : { kind: 'broken' };
  }
}

export type FileVerdict =
  | { readonly kind: 'intact'; readonly octets: Uint8Array; readonly fileHash: Uint8Array }
  | { readonly kind: 'broken' };

/** K1 | K2 | K3; their parity bits are neither checked nor adjusted. */
function fileKey(sessionKey: Uint8Array): Uint8Array {
  return Buffer.concat(
    ['KEY1', 'KEY22', 'KEY333'].map((label) => hmacSha1(sessionKey, label).subarray(0, 8)),
  );
}

function zeroVector(): Uint8Array {
  return new Uint8Array(fileBlockLength);
}
