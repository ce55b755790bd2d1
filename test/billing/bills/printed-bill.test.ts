import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, type TestContext, test } from 'vitest';
import { executablePath } from '../../../scripts/programs.mjs';
import type { BillDocument, PrintedBill } from '../../../src/billing/bills/bill-document.js';
import { billFace } from '../../../src/billing/bills/bill-face.js';
import { billHtml } from '../../../src/billing/bills/bill-html.js';
import { billPdf } from '../../../src/billing/bills/bill-pdf.js';
import type { AccountNumber } from '../../../src/bytes/account-number.js';
import type { BilledCall } from '../../../src/store/bills.js';

const folder = mkdtempSync(join(tmpdir(), 'cordboard-bills-'));
afterAll(() => rmSync(folder, { recursive: true }));

const document: BillDocument = {
  ...{
    version: 1,
    kind: 'bill',
    number: 'B-000123',
    issuedOn: '2026-11-02',
    dueOn: '2026-11-16',
    paper: 'letter',
  },
  seller: { name: 'Example & Sons', address: ['1 Main Street', 'Springfield'], taxNumber: '12-3456789' },
  customer: { account: '000000000042', name: 'Alice Ltd', telephone: '5550101' },
  period: { from: '2026-10-01', to: '2026-10-31' },
  ...{ zone: 'Europe/Berlin', currency: 'EUR' },
  classes: [{ callClass: 'delivery', calls: 2, seconds: 3_723, freeSeconds: 60, amount: '123.9567' }],
  ...{ charges: '123.9567', taxes: [{ name: 'VAT', percent: '19', amount: '23.55' }] },
  ...{ rounding: '0.0033', payable: '147.51', note: 'Quote the number.' },
};

function callAt(time: string, given: Partial<BilledCall> = {}): BilledCall {
  return {
    ...{
      trackingId: '0',
      chargedAt: new Date(time),
      calledNumber: '5550102',
      callClass: 'delivery',
      seconds: 66,
    },
    ...{ callerAccount: '000000000042' as AccountNumber, calleeAccount: '000000000007' as AccountNumber },
    ...{ units: 1n, decimals: 2 },
    ...given,
  };
}

/** What an independent reader finds in the file, by lines as they stand on the paper. */
async function textOf(context: TestContext, bill: PrintedBill): Promise<string> {
  if (executablePath('pdftotext') === undefined) {
    if (process.env.CORDBOARD_REQUIRE_PROGRAMS === '1')
      throw new Error('pdftotext (poppler-utils) is not installed');
    context.skip('pdftotext is not installed');
  }
  const path = join(folder, 'bill.pdf');
  writeFileSync(path, await billPdf(bill));
  return execFileSync('pdftotext', ['-layout', '-enc', 'UTF-8', path, '-'], { encoding: 'utf8' });
}

test('BL-80 the PDF says to an independent reader what the bill says', async (context) => {
  const calls = [
    callAt('2026-10-01T10:00:00Z'),
    callAt('2026-10-24T22:30:00Z', { units: 1_239_467n, decimals: 4 }),
  ];
  const text = (await textOf(context, { document, calls })).replaceAll(/ +/g, ' ');
  for (const line of [
    'Example & Sons',
    'Tax number 12-3456789',
    'Alice Ltd Number B-000123',
    'Period October 1, 2026 to October 31, 2026',
    'Payable by November 16, 2026',
    'delivery 2 1:00 1:02:03 123.9567',
    'Charges 123.9567 EUR',
    'VAT, 19 % 23.55 EUR',
    'Rounding 0.0033 EUR',
    'Amount payable 147.51 EUR',
    'Quote the number.',
    'Calls, times of Europe/Berlin',
    '2026-10-01 12:00:00 000000000042 000000000007 5550102 delivery 1:06 0.0100',
    '2026-10-25 00:30:00 +02:00 000000000042 000000000007 5550102 delivery 1:06 123.9467',
    'Bill B-000123, account 000000000042 Page 1 of 1',
  ])
    expect(text).toContain(line);
});

test('BL-80 a bill of thousands of calls has every one of them, each page with its heading and number', async (context) => {
  const calls = Array.from({ length: 2_000 }, (_, index) =>
    callAt(new Date(Date.UTC(2026, 9, 1) + 1_000_000 * index).toISOString(), {
      units: BigInt(100_000 + index),
      decimals: 4,
    }),
  );
  const pages = (await textOf(context, { document, calls })).split('\f').slice(0, -1);
  const text = pages.join('');
  for (const index of calls.keys()) expect(text).toContain(` 10.${String(index).padStart(4, '0')}`);
  for (const [index, page] of pages.entries()) {
    expect(page).toMatch(/Date and time +From account +To account/);
    expect(page).toContain(`Page ${index + 1} of ${pages.length}`);
  }
});

test('BL-80 the same bill is the same file, to the octet', async () => {
  const bill = { document, calls: [callAt('2026-10-01T10:00:00Z')] };
  expect((await billPdf(bill)).equals(await billPdf(bill))).toBe(true);
  const other = { ...bill, document: { ...document, payable: '147.52' } };
  expect((await billPdf(bill)).equals(await billPdf(other))).toBe(false);
});

test('BL-80 a credit note says which bill it takes back and why, and lists no calls', async (context) => {
  const note = {
    ...document,
    kind: 'credit-note',
    number: 'C-000001',
    credits: 'B-000123',
    reason: 'twice',
  } as const;
  const text = await textOf(context, {
    document: { ...note, payable: '-147.51' },
    calls: [callAt('2026-10-01T10:00:00Z')],
  });
  expect(text).toMatch(/Credit note/);
  expect(text).toMatch(/Takes back bill +B-000123/);
  expect(text).toMatch(/Credited +-147.51 EUR/);
  expect(text).toContain('Reason: twice');
  expect(text).not.toContain('Date and time');
});

const names: readonly (readonly [string, string])[] = [
  ['Latin, Greek, Cyrillic', 'Zoë Żółć Ελλάδα Жук'],
  ['Chinese, Japanese, Korean', '株式会社 中文 한국어'],
  ['Indian and Thai', 'ไทย'],
  ['beyond what any font here has, as its number', '\u{20bb7}'],
];

test.each(names)('BL-80 names can be read in the PDF: %s', async (_, name) => {
  const text = await textOf({ skip: () => {} } as never, {
    document: { ...document, customer: { ...document.customer, name } },
    calls: [],
  });
  expect(text).toContain(name === '\u{20bb7}' ? '[U+20BB7]' : name);
});

const hostile = [
  `</title><script>alert(1)</script>`,
  `"><img src=x onerror='alert(1)'>`,
  '\u202egnp.exe\u2066\u0007\r\nDate',
  '&lt;b&gt; &amp;',
  'W'.repeat(200),
  '\ud800',
];

test.each(hostile)('BL-80 fault 100: a name as hostile as %j breaks neither HTML nor PDF', async (name) => {
  const bill = {
    document: {
      ...document,
      customer: { ...document.customer, name },
      seller: { name, address: [name] },
      ...{ taxes: [{ name, percent: '1', amount: '1.00' }], note: name, reason: name },
    },
    calls: [callAt('2026-10-01T10:00:00Z', { calledNumber: name })],
  };
  const html = billHtml(bill);
  const ours = billHtml({ document, calls: bill.calls.map((call) => ({ ...call, calledNumber: '1' })) });
  const tags = (text: string) => new Set([...text.matchAll(/<[/!a-z][^>]*/gi)].map(([tag]) => tag));
  expect([...tags(html)].filter((tag) => !tags(ours).has(tag))).toEqual([]);
  expect([...html].filter((char) => /[\p{Cf}\p{Cs}]|(?!\n)\p{Cc}/u.test(char))).toEqual([]);
  const pdf = (await billPdf(bill)).toString('latin1');
  expect(pdf.slice(0, 5) + pdf.slice(-6)).toBe('%PDF-%%EOF\n');
  expect(pdf.match(/\/Type \/Page\b/g)).toHaveLength(1);
});

test('BL-80 fault 76: on the day that has an hour twice, times say which one', () => {
  const calls = ['2026-10-24T12:00:00Z', '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'].map((time) =>
    callAt(time),
  );
  const rows = billFace({ document, calls }).calls?.rows.map(([time]) => time);
  expect(rows).toEqual(['2026-10-24 14:00:00', '2026-10-25 02:30:00 +02:00', '2026-10-25 02:30:00 +01:00']);
});
