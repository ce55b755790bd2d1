import { Network, type NetworkOptions } from '../../../pstn/central-office/network.js';
import { branch, type Uniform, uniformStream } from '../../../pstn/central-office/random-stream.js';
import type { SubscriberLine } from '../../../pstn/central-office/subscriber-line.js';
import type { Clock } from '../../../time/clock.js';
import { SimulatedClock } from '../../../time/simulated-clock.js';
import { exponential } from './holding-times.js';
import { ModemStation } from './modem-station.js';
import { type Conversation, Telephone } from './telephone.js';

const subscribers = 1_000;
/** What each would talk in calls of its own if none failed. */
const erlangsEach = 0.1;
const meanTalkMs = 180_000;
const serverShare = 0.3;
/** Few enough that some calls find none free. */
const serverTrunks = 36;
const circuits = 45;
const messageOctets = 32_768;

const hourMs = 3_600_000;
const warmUpMs = hourMs / 6;

const serverNumber = '5559999';
const subscriberNumbers = numbersFrom(5_550_000, subscribers);
const trunkNumbers = numbersFrom(5_559_000, serverTrunks);

/** Calls of the hour. */
export interface CallCounts {
  dialled: number;
  answered: number;
  busy: number;
  /** No circuit between the two central offices was free. */
  congestion: number;
}

export interface BusyHour {
  readonly calls: CallCounts;
  /** Octets that modems gave to programs. */
  readonly octets: number;
  readonly wallMs: number;
  /** Of this process: user and system. */
  readonly processorMs: number;
}

/** What is at the end of a line. */
interface Station {
  readonly isFree: boolean;
  /** Octets that came so far. */
  readonly received: number;
  dial(number: string, conversation: Conversation): void;
}

interface Habits {
  /** 1 to 4, and for one call in seven nobody is there. */
  ringsToAnswer(): number;
}

/**
 * An hour of 1,000 subscribers at two central offices who dial each other and the server's hunt group, on a clock that is moved on
 * as fast as the processor can.
 */
export function busyHour(equipment: 'telephones' | 'modems', seed: number): BusyHour {
  const clock = new SimulatedClock();
  const chance = uniformStream(seed);
  const calls: CallCounts = { dialled: 0, answered: 0, busy: 0, congestion: 0 };
  const network = new Network(networkOptions(seed), {
    clock,
    observe: ({ event }) => {
      if (event in calls) calls[event as keyof CallCounts]++;
    },
  });
  const install = equipment === 'telephones' ? telephone : modem;
  const people = branch(chance);
  const stations = subscriberNumbers.map((number) =>
    install(network.line(number), clock, { ringsToAnswer: () => ringsOf(people) }),
  );
  for (const number of trunkNumbers) install(network.line(number), clock, { ringsToAnswer: () => 1 });
  dialAtRandom(stations, clock, branch(chance));
  const octets = () => stations.reduce((sum, { received }) => sum + received, 0);

  clock.advance(warmUpMs);
  Object.assign(calls, { dialled: 0, answered: 0, busy: 0, congestion: 0 });
  const [octetsBefore, processorBefore, beganMs] = [octets(), process.cpuUsage(), performance.now()];
  clock.advance(hourMs);
  const wallMs = performance.now() - beganMs;
  const { user, system } = process.cpuUsage(processorBefore);
  return { calls, octets: octets() - octetsBefore, wallMs, processorMs: (user + system) / 1_000 };
}

function networkOptions(seed: number): NetworkOptions {
  const line = { rate: 33_600, delayMs: 15, bitErrorRate: 0, callerId: 'number' } as const;
  const officeOf = (index: number) => (index % 2 === 0 ? 'east' : 'west');
  return {
    timeScale: 1,
    seed,
    exchanges: ['east', 'west'].map((name) => ({ name, countryCode: '', areaCode: '' })),
    trunkGroups: [{ name: 'east-west', between: ['east', 'west'], circuits, routeClass: 'local' }],
    lines: [
      ...subscriberNumbers.map((number, index) => ({ ...line, number, exchange: officeOf(index) })),
      ...trunkNumbers.map((number) => ({ ...line, number, exchange: 'east', hunt: serverNumber })),
    ],
  };
}

/** Who is on the telephone when the wish to call comes does not call. */
function dialAtRandom(stations: readonly Station[], clock: Clock, chance: Uniform): void {
  const meanGapMs = meanTalkMs / (erlangsEach * stations.length);
  const below = (limit: number) => Math.floor(chance() * limit);
  const dial = () => {
    const caller = below(stations.length);
    // Nobody dials himself.
    const called = (caller + 1 + below(stations.length - 1)) % stations.length;
    const number = chance() < serverShare ? serverNumber : subscriberNumbers[called];
    const talkMs = exponential(chance, meanTalkMs);
    const patienceMs = 20_000 + 30_000 * chance();
    const station = stations[caller];
    if (station?.isFree && number !== undefined) station.dial(number, { patienceMs, talkMs });
    clock.setTimeout(dial, exponential(chance, meanGapMs));
  };
  dial();
}

function telephone(line: SubscriberLine, clock: Clock, { ringsToAnswer }: Habits): Station {
  return new Telephone(line, clock, ringsToAnswer);
}

function modem(line: SubscriberLine, clock: Clock, { ringsToAnswer }: Habits): Station {
  return new ModemStation(line, clock, {
    ringsToAnswer: ringsToAnswer(),
    message: new Uint8Array(messageOctets),
  });
}

function ringsOf(chance: Uniform): number {
  return chance() < 1 / 7 ? Infinity : 1 + Math.floor(4 * chance());
}

function numbersFrom(first: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => String(first + index));
}
