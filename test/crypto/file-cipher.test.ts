import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FileOpener, FileSealer, sealedLength } from '../../src/crypto/file-cipher.js';
import { hmacSha1 } from '../../src/crypto/mac.js';
import { seeded } from '../support/seeded.js';

const key = seeded('file cipher')(20);

function seal(container: Uint8Array): Buffer {
  const sealer = new FileSealer(key);
  return Buffer.concat([sealer.update(container), sealer.finish().octets]);
}

/** Opens in pieces of this length; what came out before the verdict, and the verdict. */
function open(sealed: Uint8Array, piece = 1 << 20) {
  const opener = new FileOpener(key);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < sealed.length; at += piece)
    parts.push(opener.update(sealed.subarray(at, at + piece)));
  const verdict = opener.finish();
  if (verdict.kind === 'intact') parts.push(verdict.octets);
  return { verdict, container: Buffer.concat(parts) };
}

/** C with this plaintext as it stands: what a peer with the key could send. */
function encrypt(plain: Uint8Array): Buffer {
  const keys = ['KEY1', 'KEY22', 'KEY333'].map((label) => hmacSha1(key, label).subarray(0, 8));
  const cipher = createCipheriv('des-ede3-cbc', Buffer.concat(keys), Buffer.alloc(8)).setAutoPadding(false);
  return Buffer.concat([cipher.update(plain), cipher.final()]);
}

test('DX-610 DX-765 what is sealed in any pieces opens in any pieces, with the hash of step 610', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 4, maxLength: 300 }),
      fc.integer({ min: 1, max: 64 }),
      (container, piece) => {
        const sealed = seal(container);
        expect(sealed.length).toBe(sealedLength(container.length));
        const { verdict, container: opened } = open(sealed, piece);
        expect(verdict).toMatchObject({
          kind: 'intact',
          fileHash: hmacSha1(key, 'File_Check', container),
        });
        expect(opened).toEqual(Buffer.from(container));
      },
    ),
  );
});

test('|C| is a multiple of 8, with 1 to 8 octets of padding', () => {
  for (let length = 0; length < 40; length++) {
    const padding = sealedLength(length) - length - 20;
    expect([sealedLength(length) % 8, padding >= 1 && padding <= 8]).toEqual([0, true]);
  }
});

describe('fault 16: one verdict for every fault', () => {
  const container = seeded('container')(44);
  const hash = hmacSha1(key, 'File_Check', container);
  const withPadding = (...padding: number[]) =>
    encrypt(Buffer.concat([container, hash, Uint8Array.from(padding)]));

  test('fault 16: the plaintext of these cases is right but for the padding', () => {
    expect(open(withPadding(8, 8, 8, 8, 8, 8, 8, 8)).verdict.kind).toBe('intact');
  });

  const paddings = {
    'padding 0': [8, 8, 8, 8, 8, 8, 8, 0],
    'padding 9': [9, 9, 9, 9, 9, 9, 9, 9],
    'padding 255': [255, 255, 255, 255, 255, 255, 255, 255],
    'padding that differs inside': [8, 8, 8, 7, 8, 8, 8, 8],
    'padding of another length': [8, 8, 8, 8, 8, 8, 8, 1],
  };
  for (const [what, padding] of Object.entries(paddings)) {
    test(`fault 16: ${what}`, () => {
      expect(open(withPadding(...padding)).verdict).toEqual({ kind: 'broken' });
    });
  }

  test('fault 16: one octet of padding behind the right hash, that is not 1', () => {
    const shorter = container.subarray(1);
    const withLast = (last: number) =>
      encrypt(Buffer.concat([shorter, hmacSha1(key, 'File_Check', shorter), Uint8Array.of(last)]));
    expect(open(withLast(1)).verdict.kind).toBe('intact');
    for (const last of [0, 9, 255]) expect(open(withLast(last)).verdict).toEqual({ kind: 'broken' });
  });

  test('fault 16: lengths 0, 8, 16, 24 and those that are no multiple of 8', () => {
    const sealed = seal(container);
    for (const length of [0, 8, 16, 24, 31, 33, sealed.length - 1]) {
      expect([length, open(sealed.subarray(0, length)).verdict]).toEqual([length, { kind: 'broken' }]);
    }
  });

  test('fault 16: every single bit of C', () => {
    const sealed = seal(container);
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const turned = sealed.map((octet, index) => (index === bit >> 3 ? octet ^ (1 << (bit & 7)) : octet));
      expect(open(turned).verdict).toEqual({ kind: 'broken' });
    }
  });
});
