import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  encodeHeader,
  largestOctal,
  nameFault,
  paddingOctets,
  parseHeader,
} from '../../../src/protocol/data-exchange/ustar.js';

const entry = { name: 'hello.txt', size: 13, mtime: 853_977_600 };

/** The header with one field overwritten and its checksum made right again. */
function forged(offset: number, value: string | Uint8Array): Uint8Array {
  const header = encodeHeader(entry);
  header.set(typeof value === 'string' ? Buffer.from(value, 'latin1') : value, offset);
  return resummed(header);
}

function resummed(header: Uint8Array): Uint8Array {
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, octet) => total + octet, 0);
  header.set(Buffer.from(`${sum.toString(8).padStart(6, '0')}\0 `, 'latin1'), 148);
  return header;
}

function reasonOf(header: Uint8Array): string {
  const block = parseHeader(header);
  return block.kind === 'malformed' ? block.reason : block.kind;
}

describe('ustar headers', () => {
  test('DX-605 every entry that A.3 carries is read as it was written', () => {
    const names = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
      .filter((name) => nameFault(name) === undefined);
    fc.assert(
      fc.property(
        names,
        fc.integer({ min: 0, max: largestOctal }),
        fc.integer({ min: 0, max: largestOctal }),
        (name, size, mtime) => {
          const header = encodeHeader({ name, size, mtime });
          expect(header.length).toBe(512);
          expect(parseHeader(header)).toEqual({ kind: 'file', entry: { name, size, mtime } });
        },
      ),
    );
  });

  const vectors = resolve(import.meta.dirname, '../../../../shared/vectors/self/v1-kat.json');
  test.skipIf(!existsSync(vectors))(
    'DX-605 headers equal the published vector (skipped without the vectors beside the checkout)',
    () => {
      const { dataExchange } = JSON.parse(readFileSync(vectors, 'utf8'));
      for (const { F, files } of dataExchange) {
        const archive = inflateSync(Buffer.from(F, 'hex'));
        let at = 0;
        for (const { name, size, mtime } of files) {
          const header = archive.subarray(at, at + 512);
          expect(Buffer.from(encodeHeader({ name, size, mtime })).equals(header)).toBe(true);
          at += 512 + size + paddingOctets(size);
        }
        expect(archive.length).toBe(at + 1024);
      }
    },
  );

  test('fault 53: names with separators, traversal, controls or NUL are no names of A.3', () => {
    for (const name of [
      '../x',
      '/etc/x',
      'C:\\x',
      '\\\\srv\\x',
      'x/../../y',
      '',
      '.',
      '..',
      'a\0b',
      'a\r\nb',
      'a\u0085b',
    ]) {
      expect(nameFault(name), JSON.stringify(name)).toBeDefined();
    }
    for (const name of ['x', 'con', 'a:b', '...', 'ü.txt', '-rf', 'x'.repeat(100)]) {
      expect(nameFault(name), name).toBeUndefined();
    }
    expect(nameFault('x'.repeat(101))).toBeDefined();
    expect(nameFault('ü'.repeat(51))).toBeDefined();
  });

  test('fault 53: a header that carries such a name is malformed', () => {
    const name = (text: string) => forged(0, text.padEnd(100, '\0'));
    expect(reasonOf(name('../x'))).toContain('path separator');
    expect(reasonOf(name('a\\b'))).toContain('path separator');
    expect(reasonOf(name('a\nb'))).toContain('control');
    expect(reasonOf(name('..'))).toContain('folder');
    expect(reasonOf(name(''))).toContain('empty');
    expect(reasonOf(name('a\0b'))).toContain('runs on');
    expect(reasonOf(name('\xff\xfe'))).toContain('UTF-8');
    expect(parseHeader(name('x'.repeat(100)))).toMatchObject({ kind: 'file' });
  });

  test('fault 54: links, devices, folders, sparse files, PAX and GNU entries are malformed', () => {
    for (const type of ['\0', '1', '2', '3', '4', '5', '6', '7', 'S', 'L', 'K', 'x', 'g']) {
      expect(reasonOf(forged(156, type)), type).toContain('not a regular file');
    }
    expect(reasonOf(forged(157, '/etc/passwd'))).toContain('link target');
    expect(reasonOf(forged(345, 'folder'))).toContain('folder before it');
    expect(reasonOf(forged(257, 'ustar  \0'))).toContain('not ustar');
  });

  test('fault 55: a size that is negative, no octal number or base 256, and a wrong checksum, are malformed', () => {
    for (const size of [
      '-0000000001\0',
      '0000000008\0\0',
      '           \0',
      '000000000001',
      '\x80\0\0\0\0\0\0\0\0\0\0\x01',
    ]) {
      expect(reasonOf(forged(124, size)), JSON.stringify(size)).toContain('size');
    }
    const header = encodeHeader(entry);
    header[0] = 'j'.charCodeAt(0);
    expect(reasonOf(header)).toContain('checksum');
  });

  test('fault 57: dates from 0 to 2^33 - 1 travel; others do not fit the field', () => {
    for (const mtime of [0, 1, largestOctal]) {
      expect(parseHeader(encodeHeader({ ...entry, mtime }))).toEqual({
        kind: 'file',
        entry: { ...entry, mtime },
      });
    }
    for (const mtime of [-1, 2 ** 33, 253_402_300_799, 1.5]) {
      expect(() => encodeHeader({ ...entry, mtime })).toThrow(RangeError);
    }
    expect(reasonOf(forged(136, '100000000000'))).toContain('date');
    expect(reasonOf(forged(136, '-0000000001\0'))).toContain('date');
  });

  test('fault 56: content is filled up to whole blocks', () => {
    expect([0, 1, 511, 512, 513, 4095, 4096, 4097].map(paddingOctets)).toEqual([
      0, 511, 1, 0, 511, 1, 0, 511,
    ]);
    expect(paddingOctets(2 ** 32 + 1)).toBe(511);
  });

  test('fault 55: no octets at all make a parser throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 512, maxLength: 512 }), (block) => {
        expect(['file', 'end', 'malformed']).toContain(parseHeader(block).kind);
        expect(['file', 'malformed']).toContain(parseHeader(resummed(block.slice())).kind);
      }),
    );
  });
});
