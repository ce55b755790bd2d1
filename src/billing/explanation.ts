import { amountText, fractionText } from './amount.js';
import type { Rated } from './rate-call.js';
import type { Tariff } from './tariff.js';

/** The charge in words, a line each: what was charged, for how long, by which rate, and how it was rounded. */
export function explanationOf(rated: Rated, tariff: Tariff): string[] {
  const money = (units: bigint) => `${amountText(units, tariff.decimals)} ${tariff.currency}`;
  if (!rated.connect) return [`No bridge, no charge: ${money(0n)}`];
  const lines = [`Tariff ${tariff.name}, times of ${tariff.zone}`];
  lines.push(`Connect charge, ${rated.connect.rate.name}: ${fractionText(rated.connect.amount)}`);
  if (rated.freeSeconds > 0)
    lines.push(`Seconds 0 to ${rated.freeSeconds}: free, by the allowance of the month`);
  for (const { rate, band, step, fromSecond, seconds, increments, amount } of rated.periods) {
    const price = `${fractionText(step.price)} per ${step.perSeconds} s`;
    const times = `${increments} x ${step.incrementSeconds} s`;
    const of = increments * step.incrementSeconds === seconds ? times : `${times}, cut where the band ends`;
    lines.push(
      `Seconds ${fromSecond} to ${fromSecond + seconds}, ${band}, ${rate.name}: ${of} at ${price}: ${fractionText(amount)}`,
    );
  }
  const unit = tariff.round === 'period' ? 'each increment' : 'the call';
  lines.push(`Sum ${fractionText(rated.exact)}, rounded ${tariff.rounding} for ${unit}`);
  if (rated.limitedBy) lines.push(`Charged is the ${rated.limitedBy} of a call`);
  return [...lines, `Charge: ${money(rated.charge)}`];
}
