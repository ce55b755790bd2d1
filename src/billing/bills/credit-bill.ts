import type { BillNumber, Bills, IssuedBill, Signature } from '../../store/bills.js';
import { type BillDocument, billNumberText, composeCreditNote } from './bill-document.js';

export interface CreditRequest {
  readonly bill: BillNumber;
  /** For the customer: it is printed. */
  readonly reason: string;
  /** Of credit notes. */
  readonly series: string;
  readonly signature: Signature;
}

export type CreditOutcome =
  | { readonly kind: 'credited'; readonly bill: IssuedBill; readonly note: IssuedBill }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'is a credit note' }
  | { readonly kind: 'credited before'; readonly note: BillNumber };

/**
 * Takes a whole bill back. Its charges are free again, to be rated anew and billed by a bill of their own.
 * @throws StoreUnavailable
 */
export function creditBill(bills: Bills, request: CreditRequest): Promise<CreditOutcome> {
  const { reason, series, signature } = request;
  return bills.alone(async (work): Promise<CreditOutcome> => {
    const bill = await work.find(request.bill);
    if (!bill) return { kind: 'unknown' };
    if (bill.kind === 'credit-note') return { kind: 'is a credit note' };
    if (!bill.creditedBy) {
      const number = billNumberText({ series, number: await work.nextNumber(series) });
      const document = composeCreditNote(bill.document as BillDocument, { number, reason, at: signature.at });
      await work.credit(bill, { series, reason, document }, signature);
    }
    const credited = await work.find(request.bill);
    const note = credited?.creditedBy && (await work.find(credited.creditedBy));
    if (!credited || !note) throw new Error('a credit note that was not written');
    // By us, a moment ago: the transaction may be done again when nobody knows whether it was done.
    const isOurs = note.issuedAt.getTime() === signature.at.getTime() && note.issuedBy === signature.by;
    return isOurs ? { kind: 'credited', bill: credited, note } : { kind: 'credited before', note };
  });
}
