import { describe, expect, test } from 'vitest';
import { containerLimits } from '../../../src/endpoint/container/limits.js';
import { FolderNames } from '../../../src/endpoint/container/safe-names.js';

describe('names in one folder', () => {
  test('fault 55: twins by name, case and composition are numbered in the order in which they come', () => {
    const names = new FolderNames(['taken']);
    const received = ['a.txt', 'A.TXT', 'a (2).txt', 'a.txt', 'Taken', 'e\u0301', '\u00e9', 'a (2).txt'];
    expect(received.map((name) => names.take(name))).toEqual([
      'a.txt',
      'A (2).TXT',
      'a (2) (2).txt',
      'a (3).txt',
      'Taken (2)',
      '\u00e9',
      '\u00e9 (2)',
      'a (2) (3).txt',
    ]);
  });

  test('fault 56: as many twins as an archive may hold are named one after the other, not each past all before it', () => {
    const names = new FolderNames([]);
    for (let index = 0; index < containerLimits.entries; index += 1) names.take('a');
    expect(names.take('a')).toBe(`a (${containerLimits.entries + 1})`);
  });
});
