import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AddressBook, speaksVersion1 } from '../../src/endpoint/address-book.js';
import { SimulatedClock } from '../../src/time/simulated-clock.js';
import { account, temporaryFolder } from './support.js';

const bob = account('2');
const carol = account('3');

function newBook(folder = temporaryFolder()) {
  return new AddressBook(
    join(folder, 'peers.json'),
    join(folder, 'lock'),
    account('1'),
    new SimulatedClock(),
  );
}

describe('address book', () => {
  test('peers are found by account and by name in any case, also by the next process', async () => {
    const folder = temporaryFolder();
    await newBook(folder).add(bob, 'Bob & Sons');
    const book = newBook(folder);
    for (const text of ['2', '000000000002', 'bob & sons', ' Bob & Sons ']) {
      expect((await book.named(text)).account, text).toBe(bob);
    }
    await expect(book.named('Zoe\u202e')).rejects.toThrow('\\u{202e}');
  });

  test('G6 version 1 is off unless switched on, and the floor only rises', async () => {
    const book = newBook();
    expect(speaksVersion1(await book.add(bob, 'Bob'))).toBe(false);
    expect(speaksVersion1(await book.allowVersion1(bob, true))).toBe(true);
    expect(speaksVersion1(await book.raiseFloor(bob, 2))).toBe(false);
    expect((await book.raiseFloor(bob, 1)).versionFloor).toBe(2);
    expect(speaksVersion1(await book.allowVersion1(bob, true))).toBe(false);
  });

  test('KX-495 a pairing is kept with its date; renaming changes nothing else', async () => {
    const book = newBook();
    await book.add(bob, 'Bob', true);
    await book.markPaired(bob, 1234);
    await book.rename(bob, 'Robert');
    expect(await book.list()).toEqual([
      { account: bob, name: 'Robert', pairedAt: 1234, allowVersion1: true, versionFloor: 1 },
    ]);
    await book.remove(bob);
    expect(await book.list()).toEqual([]);
  });

  test('fault 12: the own account, a taken account or name, and names that are none, are refused', async () => {
    const book = newBook();
    await book.add(bob, 'Bob');
    for (const [number, name] of [
      [account('1'), 'Me'],
      [bob, 'Another'],
      [carol, 'BOB'],
      [carol, '123'],
      [carol, ' '],
      [carol, 'a\u0007b'],
      [carol, 'x'.repeat(81)],
    ] as const) {
      await expect(book.add(number, name), name).rejects.toMatchObject({ outcome: 'usage' });
    }
    await book.add(carol, 'Carol');
    await expect(book.rename(carol, 'bob')).rejects.toMatchObject({ outcome: 'usage' });
    await expect(book.rename(account('4'), 'Dan')).rejects.toMatchObject({ outcome: 'usage' });
    expect((await book.list()).map((peer) => peer.name)).toEqual(['Bob', 'Carol']);
  });

  test('a damaged file is told, not taken for an empty book', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'peers.json'), '{"addressBook":1,"peers":[{"account":"2"}]}');
    await expect(newBook(folder).list()).rejects.toMatchObject({ outcome: 'damaged' });
  });
});
