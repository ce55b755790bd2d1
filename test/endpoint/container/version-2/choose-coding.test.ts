import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { officeFolder } from '../../../../src/cli/bench/line/office-folder.js';
import { chooseCoding } from '../../../../src/endpoint/container/version-2/choose-coding.js';
import { chooseTree } from '../../../../src/endpoint/container/version-2/choose-tree.js';
import { temporaryFolder } from '../../support.js';
import { picture, sound, text } from './made-content.js';

async function chosen(content: Uint8Array) {
  const path = join(temporaryFolder(), 'file');
  writeFileSync(path, content);
  const { files } = await chooseTree([path]);
  return Promise.all(files.map(chooseCoding));
}

const stored = [{ kind: 'stored' }];
const brotli = (distance: number) => [{ kind: 'brotli', distance }];

describe('how a file goes', () => {
  test('DX-605 pictures and sound without compression go as differences of a pixel or a sample', async () => {
    for (const depth of [1, 3, 4])
      expect(await chosen(picture(120_000, depth)), `${depth}`).toEqual(brotli(depth));
    for (const channels of [1, 2])
      expect(await chosen(sound(120_000, channels)), `${channels}`).toEqual(brotli(2 * channels));
  });

  test('DX-605 text and short files go as they are', async () => {
    for (const content of [text(100_000), Buffer.alloc(100_000), picture(4_000, 3), Buffer.alloc(0)])
      expect(await chosen(content)).toEqual(brotli(0));
  });

  test('DX-605 a picture beside text costs the text nothing; beside blank paper it stays one', async () => {
    const page = picture(100_000, 3);
    expect(await chosen(Buffer.concat([page, page, text(60_000)]))).toEqual(brotli(0));
    expect(await chosen(Buffer.concat([Buffer.alloc(99_999, 0xff), page]))).toEqual(brotli(3));
  });

  test('DX-605 what brotli makes no smaller is stored', async () => {
    expect(await chosen(randomBytes(100_000))).toEqual(stored);
  });

  test('DX-605 an office folder: a bitmap, deflated numbers that get 1 % smaller, deflated text that does not', async () => {
    const expected = {
      'letters.txt': brotli(0),
      'handbook.html': brotli(0),
      'ledger.csv': brotli(0),
      'mail.log': brotli(0),
      'planner.js': brotli(0),
      'plan.bmp': brotli(3),
      'report.docx': stored,
      'budget.xlsx': brotli(0),
      'brochure.pdf': brotli(0),
      'photograph.jpg': stored,
    };
    const codings: Record<string, unknown> = {};
    for (const { name, content } of officeFolder()) codings[name] = await chosen(content);
    expect(codings).toEqual(expected);
  });
});
