import { describe, expect, test } from 'vitest';
import { judgeCopies } from '../../../../src/cli/bench/line/copies.js';

const files = (content: Readonly<Record<string, string>>) =>
  new Map(Object.entries(content).map(([name, text]) => [name, Buffer.from(text)]));

const atFirst = files({ a: 'first half', b: 'same' });
const now = files({ a: 'second wind', b: 'same' });

describe('what B has against what A has and had', () => {
  test('as it is now', () => {
    expect(judgeCopies(now, { now, atFirst })).toEqual({
      ...{ isRight: true, isAsAtFirst: false, isWrongFiled: false },
    });
  });

  test('as it was at first: not wrong, but told apart', () => {
    expect(judgeCopies(atFirst, { now, atFirst })).toEqual({
      ...{ isRight: false, isAsAtFirst: true, isWrongFiled: false },
    });
  });

  test('one half of each is wrong, whatever the other files are', () => {
    const spliced = files({ a: 'first wind', b: 'same' });
    expect(judgeCopies(spliced, { now, atFirst })).toEqual({
      ...{ isRight: false, isAsAtFirst: false, isWrongFiled: true },
    });
  });

  test('what is missing is not right, and not wrong either', () => {
    for (const arrived of [undefined, files({ b: 'same' })]) {
      expect(judgeCopies(arrived, { now, atFirst })).toEqual({
        ...{ isRight: false, isAsAtFirst: false, isWrongFiled: false },
      });
    }
  });

  test("files of B's own do not count", () => {
    expect(judgeCopies(files({ a: 'second wind', b: 'same', c: '' }), { now, atFirst }).isWrongFiled).toBe(
      false,
    );
  });

  test('an empty file is not one that is missing', () => {
    const empty = files({ a: '' });
    expect(judgeCopies(new Map(), { now: empty, atFirst: empty }).isRight).toBe(false);
  });
});
