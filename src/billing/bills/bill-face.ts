import { DateTime } from 'luxon';
import type { BilledCall } from '../../store/bills.js';
import { amountText } from '../amount.js';
import type { BillDocument, PrintedBill } from './bill-document.js';

/** What stands on a bill, in words, whatever it is printed with. Nothing here is escaped. */
export interface BillFace {
  readonly title: string;
  readonly seller: readonly string[];
  readonly customer: readonly string[];
  /** Label and value. */
  readonly facts: readonly (readonly [string, string])[];
  readonly summary: FaceTable;
  readonly totals: readonly (readonly [string, string])[];
  /** The last of the totals: what is to be paid, or is credited. */
  readonly payable: readonly [string, string];
  readonly remarks: readonly string[];
  /** `undefined` on a credit note: its bill has them. */
  readonly calls: FaceTable | undefined;
}

export interface FaceTable {
  readonly title: string;
  readonly columns: readonly FaceColumn[];
  readonly rows: readonly (readonly string[])[];
}

export interface FaceColumn {
  readonly heading: string;
  readonly isNumber?: boolean;
}

export function billFace({ document, calls }: PrintedBill): BillFace {
  const { seller, customer, period, currency, taxes, rounding } = document;
  const isCredit = document.kind === 'credit-note';
  return {
    title: isCredit ? 'Credit note' : 'Bill',
    seller: [
      seller.name,
      ...seller.address,
      ...(seller.taxNumber === undefined ? [] : [`Tax number ${seller.taxNumber}`]),
      ...(seller.contact === undefined ? [] : [seller.contact]),
    ].map(printed),
    customer: [printed(customer.name), `Account ${customer.account}`, `Telephone ${customer.telephone}`],
    facts: [
      ['Number', document.number],
      ...(document.credits === undefined ? [] : [['Takes back bill', document.credits] as const]),
      ['Date', longDate(document.issuedOn)],
      ['Period', `${longDate(period.from)} to ${longDate(period.to)}`],
      ...(document.dueOn === undefined ? [] : [['Payable by', longDate(document.dueOn)] as const]),
    ],
    summary: summaryOf(document),
    totals: [
      ['Charges', `${document.charges} ${currency}`],
      ...taxes.map(
        ({ name, percent, amount }) => [`${printed(name)}, ${percent} %`, `${amount} ${currency}`] as const,
      ),
      ...(/[1-9]/.test(rounding) ? [['Rounding', `${rounding} ${currency}`] as const] : []),
    ],
    payable: [isCredit ? 'Credited' : 'Amount payable', `${document.payable} ${currency}`],
    remarks: [
      ...(document.reason === undefined ? [] : [`Reason: ${printed(document.reason)}`]),
      ...(document.note === undefined ? [] : [printed(document.note)]),
    ],
    calls: isCredit ? undefined : callsOf(document, calls),
  };
}

function summaryOf({ classes, currency }: BillDocument): FaceTable {
  return {
    title: 'Summary',
    columns: [
      { heading: 'Class of call' },
      { heading: 'Calls', isNumber: true },
      { heading: 'Free', isNumber: true },
      { heading: 'Charged', isNumber: true },
      { heading: `Amount, ${currency}`, isNumber: true },
    ],
    rows: classes.map(({ callClass, calls, freeSeconds, seconds, amount }) => [
      callClass,
      String(calls),
      durationText(freeSeconds),
      durationText(seconds),
      amount,
    ]),
  };
}

function callsOf({ zone, currency, charges }: BillDocument, calls: readonly BilledCall[]): FaceTable {
  const decimals = charges.split('.')[1]?.length ?? 0;
  const timeOf = localTimes(zone);
  return {
    title: `Calls, times of ${zone}`,
    columns: [
      { heading: 'Date and time' },
      { heading: 'From account' },
      { heading: 'To account' },
      { heading: 'Number called' },
      { heading: 'Class' },
      { heading: 'Charged', isNumber: true },
      { heading: `Amount, ${currency}`, isNumber: true },
    ],
    rows: calls.map((call) => [
      timeOf(call.chargedAt),
      call.callerAccount ?? '-',
      call.calleeAccount ?? '-',
      printed(call.calledNumber ?? '-'),
      call.callClass,
      durationText(call.seconds),
      amountText(call.units * 10n ** BigInt(decimals - call.decimals), decimals),
    ]),
  };
}

/** `2026-10-25 01:30:00`; where clocks show an hour twice, it says which one: `-04:00`. */
function localTimes(zone: string): (instant: Date) => string {
  const offsets = new Map<string, number>();
  return (instant) => {
    const local = DateTime.fromJSDate(instant, { zone });
    const day = local.toFormat('yyyy-MM-dd');
    let change = offsets.get(day);
    if (change === undefined) {
      change = local.endOf('day').offset - local.startOf('day').offset;
      offsets.set(day, change);
    }
    return local.toFormat(change < 0 ? 'yyyy-MM-dd HH:mm:ss ZZ' : 'yyyy-MM-dd HH:mm:ss');
  };
}

/** `1:02:03`, `2:03`. */
export function durationText(seconds: number): string {
  const [hours, minutes, rest] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (part: number) => String(part).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** `October 1, 2026`: no two readings, whatever the reader is used to. */
function longDate(date: string): string {
  return DateTime.fromISO(date, { zone: 'utc', locale: 'en-US' }).toFormat('MMMM d, yyyy');
}

/** Without what would move the text around it: control characters, line ends, marks of direction (fault 100). */
function printed(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(
      /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu,
      '',
    )
    .replace(/\p{Cs}/gu, '\ufffd')
    .trim();
}
