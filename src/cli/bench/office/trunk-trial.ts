import { Network } from '../../../pstn/central-office/network.js';
import { branch, uniformStream } from '../../../pstn/central-office/random-stream.js';
import { SimulatedClock } from '../../../time/simulated-clock.js';
import { exponential, type HoldingTimeLaw } from './holding-times.js';
import { Telephone } from './telephone.js';

/** A trunk group between two central offices under random traffic. */
export interface TrunkTrial {
  readonly circuits: number;
  /** Offered. */
  readonly erlangs: number;
  readonly law: HoldingTimeLaw;
  /** Offered calls that are counted, after the warm-up. */
  readonly calls: number;
  readonly seed: number;
  /** Who finds no circuit tries again so long after; left out, not at all. */
  readonly redialAfterMs?: number;
}

const meanHoldingMs = 180_000;
const warmUpHoldings = 10;
/** Telephones beyond one for each circuit, for those who dial. */
const spareTelephones = 30;
const stepMs = 60_000;
const hunt = '5559999';

/**
 * Calls at random (Poisson) from telephones of one central office to those of another. A call holds its circuit from the last
 * digit until its caller hangs up, ringing included: just as long as the law says.
 * @returns of every counted call, in their order, whether it found no circuit
 */
export function blockedCalls({ circuits, erlangs, law, calls, seed, redialAfterMs }: TrunkTrial): boolean[] {
  const clock = new SimulatedClock();
  const chance = uniformStream(seed);
  const [arrivals, holdings] = [branch(chance), branch(chance)];
  const blocked: boolean[] = [];
  const callers = new Map<string, Telephone>();
  const tell = (isBlocked: boolean) => {
    if (clock.monotonicMs() >= warmUpHoldings * meanHoldingMs) blocked.push(isBlocked);
  };
  const numbers = (first: number) =>
    Array.from({ length: circuits + spareTelephones }, (_, index) => String(first + index));
  const settings = { rate: 33_600, delayMs: 0, bitErrorRate: 0, callerId: 'number' } as const;
  const network = new Network(
    {
      timeScale: 1,
      seed,
      exchanges: ['east', 'west'].map((name) => ({ name, countryCode: '', areaCode: '' })),
      trunkGroups: [{ name: 'east-west', between: ['east', 'west'], circuits, routeClass: 'local' }],
      lines: [
        ...numbers(5_550_000).map((number) => ({ ...settings, number, exchange: 'east' })),
        ...numbers(5_551_000).map((number) => ({ ...settings, number, exchange: 'west', hunt })),
      ],
    },
    {
      clock,
      observe: (event) => {
        if (event.event === 'routed') {
          tell(false);
          const caller = callers.get(event.line);
          clock.setTimeout(() => caller?.hangUp(), law.draw(holdings, meanHoldingMs));
        } else if (event.event === 'congestion') {
          tell(true);
          if (redialAfterMs !== undefined) clock.setTimeout(call, redialAfterMs);
        } else if (event.event === 'busy') throw new Error('a call that had a circuit found no telephone');
      },
    },
  );
  const answersAtOnce = () => 1;
  for (const number of numbers(5_550_000))
    callers.set(number, new Telephone(network.line(number), clock, answersAtOnce));
  for (const number of numbers(5_551_000)) new Telephone(network.line(number), clock, answersAtOnce);

  function call(): void {
    const caller = [...callers.values()].find(({ isFree }) => isFree);
    if (!caller)
      throw new Error('more calls at once than telephones: it would not be the trunk group that blocks');
    caller.dial(hunt);
  }
  function arrive(): void {
    call();
    clock.setTimeout(arrive, exponential(arrivals, meanHoldingMs / erlangs));
  }
  arrive();
  while (blocked.length < calls) clock.advance(stepMs);
  return blocked.slice(0, calls);
}
