import { expect, test } from 'vitest';
import { equalOctets, HmacSha1, hmacSha1, sha1 } from '../../src/crypto/mac.js';

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}

test('SHA-1 of FIPS 180 appendix A', () => {
  expect(hex(sha1('abc'))).toBe('a9993e364706816aba3e25717850c26c9cd0d89d');
  expect(hex(sha1('abcdbcdecdefdefgefghfghighij', 'hijkijkljklmklmnlmnomnopnopq'))).toBe(
    '84983e441c3bd26ebaae4aa1f95129e5e54670f1',
  );
});

test('HMAC-SHA1 of RFC 2202 cases 1, 2 and 6, in one piece and in several', () => {
  expect(hex(hmacSha1(Buffer.alloc(20, 0x0b), 'Hi There'))).toBe('b617318655057264e28bc0b6fb378c8ef146be00');
  const jefe = Buffer.from('Jefe');
  const answer = 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79';
  expect(hex(hmacSha1(jefe, 'what do ya want ', 'for nothing?'))).toBe(answer);
  expect(
    hex(new HmacSha1(jefe).update('what do ya want for').update(Buffer.from(' nothing?')).digest()),
  ).toBe(answer);
  expect(
    hex(hmacSha1(Buffer.alloc(80, 0xaa), 'Test Using Larger Than Block-Size Key - Hash Key First')),
  ).toBe('aa4ae5e15272d00e95705637ce8a3b55ed402112');
});

test('octets are equal when every one is, and lengths count', () => {
  const octets = Uint8Array.of(1, 2, 3);
  expect(equalOctets(octets, Uint8Array.of(1, 2, 3))).toBe(true);
  expect(equalOctets(octets, Uint8Array.of(1, 2, 2))).toBe(false);
  expect(equalOctets(octets, Uint8Array.of(1, 2))).toBe(false);
  expect(equalOctets(new Uint8Array(), new Uint8Array())).toBe(true);
});
