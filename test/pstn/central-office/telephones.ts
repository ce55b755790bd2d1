import type { NetworkEvent } from '../../../src/pstn/central-office/events.js';
import { Network, type NetworkLine, type NetworkOptions } from '../../../src/pstn/central-office/network.js';
import { tones } from '../../../src/pstn/signals.js';
import { SimulatedClock } from '../../../src/time/simulated-clock.js';
import { runFor, runUntil } from '../../support/office.js';
import { Telephone } from './telephone.js';

/** A network on a clock of its own, with a telephone on each of its lines. */
export function telephones(
  lines: readonly (Partial<NetworkLine> & Pick<NetworkLine, 'number'>)[],
  options: Partial<Omit<NetworkOptions, 'lines'>> = {},
) {
  const clock = new SimulatedClock();
  const events: NetworkEvent[] = [];
  const settings = { rate: 33_600, delayMs: 0, bitErrorRate: 0, callerId: 'number' } as const;
  const network = new Network(
    { timeScale: 1, seed: 7, ...options, lines: lines.map((line) => ({ ...settings, ...line })) },
    { clock, observe: (event) => events.push(event) },
  );
  const installed = new Map(lines.map(({ number }) => [number, new Telephone(network.line(number), clock)]));

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

  return {
    clock,
    network,
    events,
    line: (number: string) => network.line(number),
    phone,
    run,
    until,
    call,
    connect,
  };
}
