import type { Charges, ClosedCallToRate, KeptCharge } from '../store/charges.js';
import { amountText } from './amount.js';
import { explanationOf } from './explanation.js';
import type { TariffBook } from './tariff-book.js';

/** Why a call costs what it costs, a line each; `undefined` where there is no closed call of that ID. */
export async function explainCall(
  charges: Pick<Charges, 'call' | 'find' | 'whyUnrated'>,
  book: TariffBook,
  trackingId: string,
): Promise<string[] | undefined> {
  const call = await charges.call(trackingId);
  if (!call) return undefined;
  const charge = await charges.find(trackingId);
  if (charge) return [...callLines(call), ...(await chargeLines(call, charge, book))];
  const reason = await charges.whyUnrated(trackingId);
  if (reason) return [...callLines(call), `Not rated: ${reason}`];
  return [
    ...callLines(call),
    call.bridgeAt ? 'Not rated yet: `cordboard rate` rates it' : 'No bridge, no charge',
  ];
}

function callLines(call: ClosedCallToRate): string[] {
  const { trackingId, callerAccount, calleeAccount, calledNumber, callClass, bridgeAt } = call;
  const seconds = call.billableSeconds === undefined ? 'nobody measured it' : `${call.billableSeconds} s`;
  return [
    `Call ${trackingId} from ${callerAccount ?? '-'} to ${calleeAccount ?? '-'} at ${calledNumber ?? '-'}`,
    bridgeAt
      ? `Bridged ${utc(bridgeAt)}, ${seconds}, ${callClass ?? 'delivery (version 1 does not tell)'}`
      : `Not bridged; ended ${utc(call.endAt)}`,
  ];
}

async function chargeLines(call: ClosedCallToRate, charge: KeptCharge, book: TariffBook): Promise<string[]> {
  const { payer, period, ratedAt, ratingRun, tariffVersion, callClass, units, decimals, currency } = charge;
  const by = ratingRun === undefined ? '' : ` by rating run ${ratingRun}`;
  const lines = [
    `Paid by ${payer}, on the bill of ${period.slice(0, 7)}; rated ${utc(ratedAt)}${by} by version ${tariffVersion}`,
  ];
  const version = await book.version(tariffVersion);
  const told = `The ledger has ${amountText(units, decimals)} ${currency}`;
  if (!version || 'faults' in version)
    return [...lines, `${told}; this program does not take that version's file`];
  const rated = version.rater.rate({ ...call, callClass }, charge.freeSeconds);
  if (rated.kind === 'unrated') return [...lines, `${told}; rated now it would not be: ${rated.reason}`];
  lines.push(...explanationOf(rated, version.tariff));
  if (rated.charge !== units) lines.push(`${told}: the program that rated it reckoned otherwise`);
  return lines;
}

const utc = (time: Date) => `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
