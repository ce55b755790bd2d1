import { silentLog } from '../../../src/log/log.js';
import {
  Exchange,
  type ExchangeLine,
  type ExchangeOptions,
} from '../../../src/pstn/central-office/exchange.js';
import { tones } from '../../../src/pstn/signals.js';
import { SimulatedClock } from '../../../src/time/simulated-clock.js';
import { runFor, runUntil } from '../../support/office.js';
import { Telephone } from './telephone.js';

/** An exchange on a clock of its own, with a telephone on each of its lines. */
export function telephones(
  lines: readonly (Partial<ExchangeLine> & Pick<ExchangeLine, 'number'>)[],
  options: Partial<Omit<ExchangeOptions, 'lines'>> = {},
) {
  const clock = new SimulatedClock();
  const settings = { rate: 33_600, delayMs: 0, bitErrorRate: 0, callerId: 'number' } as const;
  const exchange = new Exchange(
    { timeScale: 1, seed: 7, ...options, lines: lines.map((line) => ({ ...settings, ...line })) },
    { clock, log: silentLog },
  );
  const installed = new Map(lines.map(({ number }) => [number, new Telephone(exchange.line(number), clock)]));

  function phone(number: string): Telephone {
    const found = installed.get(number);
    if (!found) throw new Error(`no telephone ${number}`);
    return found;
  }

  const run = (forMs: number) => runFor(clock, forMs);
  const until = (isTrue: () => boolean, limitMs?: number) => runUntil(clock, isTrue, limitMs);

  /** Off-hook, dial tone, digits; resolves 95 ms after the last burst has ended. */
  async function call(from: string, number: string): Promise<void> {
    phone(from).line.offHook();
    await until(() => phone(from).hears === tones.dial);
    void phone(from).dial(number);
    await run(number.length * 190);
  }

  async function connect(from: string, to: string): Promise<void> {
    await call(from, to);
    await until(() => phone(to).isRinging);
    phone(to).line.offHook();
    await run(1);
  }

  return { clock, line: (number: string) => exchange.line(number), phone, run, until, call, connect };
}
