import { signedText } from '../billing/amount.js';
import { billNumberText, type PrintedBill } from '../billing/bills/bill-document.js';
import { billFace } from '../billing/bills/bill-face.js';
import type { BilledCall, BillTotals, IssuedBill, NewBill } from '../store/bills.js';
import { counted } from './counted.js';
import { printable, textTable } from './table.js';

/** A bill without what is printed: the same fields of one that would be issued and has no number yet. */
export function billSummaryJson(bill: IssuedBill | NewBill): Record<string, string | number | null> {
  const { charges, taxes, payable } = amountsOf(bill);
  const own = {
    account: bill.account,
    month: bill.period.slice(0, 7),
    currency: bill.currency,
    calls: bill.calls,
    ...{ charges, taxes, payable },
  };
  if (!('series' in bill)) return own;
  return {
    number: billNumberText(bill),
    kind: bill.kind,
    ...own,
    issuedAt: bill.issuedAt.toISOString(),
    issuedBy: bill.issuedBy,
    credits: bill.credits ? billNumberText(bill.credits) : null,
    reason: bill.reason ?? null,
    creditedBy: bill.creditedBy ? billNumberText(bill.creditedBy) : null,
  };
}

export function billJson(bill: IssuedBill, calls: readonly BilledCall[]): Record<string, unknown> {
  return { ...billSummaryJson(bill), document: bill.document, itemised: calls.map(callJson) };
}

function callJson(call: BilledCall): Record<string, string | number | null> {
  return {
    trackingId: call.trackingId,
    chargedAt: call.chargedAt.toISOString(),
    callerAccount: call.callerAccount ?? null,
    calleeAccount: call.calleeAccount ?? null,
    calledNumber: call.calledNumber ?? null,
    callClass: call.callClass,
    seconds: call.seconds,
    amount: signedText(call.units, call.decimals),
  };
}

export function billsTable(bills: readonly IssuedBill[]): string {
  const rows = bills.map((bill) => {
    const { charges, taxes, payable } = amountsOf(bill);
    return [
      ...[billNumberText(bill), bill.period.slice(0, 7), bill.account, String(bill.calls)],
      ...[charges, taxes, payable, bill.currency, stateOf(bill)],
    ];
  });
  const headings = ['number', 'month', 'account', 'calls', 'charges', 'taxes', 'payable', '', ''];
  return textTable(headings, rows);
}

function stateOf({ credits, creditedBy }: IssuedBill): string {
  if (credits) return `credits ${billNumberText(credits)}`;
  return creditedBy ? `credited, ${billNumberText(creditedBy)}` : '';
}

/** What would be issued. */
export function draftsTable(bills: readonly NewBill[]): string {
  const rows = bills.map((bill) => {
    const { charges, taxes, payable } = amountsOf(bill);
    return [bill.account, String(bill.calls), charges, taxes, payable, bill.currency];
  });
  return textTable(['account', 'calls', 'charges', 'taxes', 'payable', ''], rows);
}

/** A line for each currency. */
export function totalsText(bills: readonly NewBill[]): string {
  return [...new Set(bills.map(({ currency }) => currency))]
    .map((currency) => {
      const own = bills.filter((bill) => bill.currency === currency);
      const decimals = Math.max(...own.map((bill) => bill.decimals));
      const payableDecimals = Math.max(...own.map((bill) => bill.payableDecimals));
      const sum = (of: (bill: NewBill) => { units: bigint; decimals: number }, to: number) =>
        own.map(of).reduce((total, each) => total + each.units * 10n ** BigInt(to - each.decimals), 0n);
      const total: BillTotals = {
        ...{ decimals, payableDecimals },
        calls: own.reduce((count, { calls }) => count + calls, 0),
        chargeUnits: sum((bill) => ({ units: bill.chargeUnits, decimals: bill.decimals }), decimals),
        taxUnits: sum((bill) => ({ units: bill.taxUnits, decimals: bill.decimals }), decimals),
        payableUnits: sum(
          (bill) => ({ units: bill.payableUnits, decimals: bill.payableDecimals }),
          payableDecimals,
        ),
      };
      const { charges, taxes, payable } = amountsOf(total);
      return `${counted(total.calls, 'call')}, charges ${charges}, taxes ${taxes}, payable ${payable} ${currency}`;
    })
    .join('\n');
}

/** As the paper has it. */
export function billText(bill: IssuedBill, printed: PrintedBill): string {
  const face = billFace(printed);
  const facts = face.facts.map(([label, value]) => `${label.padEnd(18)}${value}`);
  const totals = [...face.totals, face.payable].map(([label, amount]) => [label, amount] as const);
  const width = Math.max(...totals.map(([label]) => label.length)) + 2;
  const amountWidth = Math.max(...totals.map(([, amount]) => amount.length));
  const sums = totals.map(([label, amount]) => `${label.padEnd(width)}${amount.padStart(amountWidth)}`);
  const blocks = [
    ...(bill.creditedBy ? [[`Taken back by credit note ${billNumberText(bill.creditedBy)}.`]] : []),
    [face.title, ...facts],
    face.seller,
    face.customer,
    [tableText(face.summary)],
    sums,
    face.remarks,
    face.calls ? [face.calls.title, tableText(face.calls)] : [],
  ];
  return blocks
    .filter((block) => block.length > 0)
    .map((block) => block.map((text) => text.split('\n').map(printable).join('\n')).join('\n'))
    .join('\n\n');
}

function tableText({ columns, rows }: NonNullable<ReturnType<typeof billFace>['calls']>): string {
  return textTable(
    columns.map(({ heading }) => heading),
    rows,
  );
}

function amountsOf({ decimals, chargeUnits, taxUnits, payableDecimals, payableUnits }: BillTotals) {
  // Taxes have no more decimals than what is payable.
  const taxes = taxUnits / 10n ** BigInt(decimals - payableDecimals);
  return {
    charges: signedText(chargeUnits, decimals),
    taxes: signedText(taxes, payableDecimals),
    payable: signedText(payableUnits, payableDecimals),
  };
}
