import type { Log } from '../../src/log/log.js';
import type { LineService } from '../../src/pstn/central-office/line-settings.js';
import type { OfficeLineOptions } from '../../src/pstn/central-office/options.js';
import { simBinding } from '../../src/pstn/central-office/ports/sim-port.js';
import type { DataConnection, Modem } from '../../src/pstn/modem/modem.js';
import { openModem } from '../../src/pstn/modem/open-modem.js';
import { type ToneHz, tones } from '../../src/pstn/signals.js';
import { type Pricing, unpriced } from '../../src/server/pricing.js';
import { type Server, startServer } from '../../src/server/start-server.js';
import { type PlaceCallResult, placeCall } from '../../src/session/place-call.js';
import type { CallRecord } from '../../src/store/calls.js';
import type { Subscriber } from '../../src/store/subscribers.js';
import type { Clock } from '../../src/time/clock.js';
import { account, subscriber } from '../protocol/call-manager/subscribers.js';
import { Telephone } from '../pstn/central-office/telephone.js';
import { FakeStore } from '../support/fake-store.js';
import { LogBook } from '../support/log-book.js';
import { simulatedOffice } from '../support/office.js';
import { issuedKeys, serverIdentity } from './subscriptions.js';

export const serverNumber = '5550100';

export interface NetworkOptions {
  /** Trunks of the server; 2 when left out. */
  readonly trunks?: number;
  /** Accounts 1, 2 and 3 at 5550101, 5550102 and 5550103 when left out; those lines are always there. */
  readonly subscribers?: readonly Subscriber[];
  /** Changes to these lines, and further lines. */
  readonly lines?: Readonly<Record<string, Partial<OfficeLineOptions>>>;
  /** Callers of version 1 are handed over by hook-flash, on trunk lines with transfer service. */
  readonly transfer?: 'hook-flash';
  /** Services of the trunk lines, where they are to be others. */
  readonly trunkServices?: readonly LineService[];
  /** None when left out: nothing has a price or a limit. */
  readonly pricing?: Pricing;
  /** Is given the modem of each trunk. */
  readonly tap?: (modem: Modem, number: string) => void;
}

/** The real driver, modems and exchange of one process on a simulated clock, with a server and subscribers on it. */
export async function network(options: NetworkOptions = {}) {
  const subscribers = options.subscribers ?? ['1', '2', '3'].map((digits) => subscriber(digits));
  const trunks = Array.from({ length: options.trunks ?? 2 }, (_, index) => `555019${index}`);
  const homes = new Set([
    ...['5550101', '5550102', '5550103'],
    ...subscribers.map(({ number }) => number),
    ...Object.keys(options.lines ?? {}),
  ]);
  const services = options.trunkServices ?? (options.transfer ? ['transfer' as const] : []);
  const numbers = [serverNumber, ...trunks.slice(1)];
  const office = simulatedOffice({
    lines: [
      ...numbers.map((number) => ({ number, hunt: serverNumber, services })),
      ...[...homes].map((number) => ({ number, ...options.lines?.[number] })),
    ],
  });
  const { clock } = office;
  const log = new LogBook();
  const store = new FakeStore(clock, subscribers);
  for (const { account: each, versions } of subscribers) {
    if (versions.includes(2)) store.keys.set(each, issuedKeys(each));
  }
  const open = (number: string) => openLine(office.office, number, clock, log);
  const openTrunk = async (number: string) => {
    const modem = await open(number);
    options.tap?.(modem, number);
    return modem;
  };
  const server = await inTime(
    startServer({
      store,
      trunks: numbers.map((number) => ({ url: `sim:${number}`, open: () => openTrunk(number) })),
      number: serverNumber,
      ...(options.transfer && { transfer: options.transfer }),
      pricing: options.pricing ?? unpriced,
      identity: serverIdentity,
      clock,
      random: countingRandom(),
      log,
    }),
  );

  async function inTime<T>(promise: Promise<T>, limitMs?: number): Promise<T> {
    let isSettled = false;
    const settled = promise.finally(() => {
      isSettled = true;
    });
    settled.catch(() => {});
    await office.runUntil(() => isSettled, limitMs);
    return settled;
  }

  return {
    ...office,
    log,
    store,
    server,
    /** Runs the clock until the promise settles. */
    inTime,
    modem: (number: string) => inTime(open(number)),
    /** Account `from` calls account `to` from its own line, or from another one. */
    place(modem: Modem, from: string, to: string, signal?: AbortSignal): Promise<PlaceCallResult> {
      return placeCall({
        modem,
        clock,
        log,
        serverNumber,
        own: account(from),
        peer: account(to),
        ...(signal && { signal }),
      });
    },
    /** A telephone in place of the modem on this line. */
    phone: (number: string) => new Telephone(office.office.line(number), clock),
    /** Goes off-hook and calls the server, until it hears the ready signal (300). */
    async reachServer(phone: Telephone): Promise<void> {
      phone.line.offHook();
      await office.runUntil(() => phone.hears === tones.dial);
      await inTime(phone.dial(serverNumber));
      await office.runUntil(() => phone.hears === tones.ringBack);
      await office.runUntil(() => isTone(phone.hears, tones.dial));
    },
    /** Sends these symbols by DTMF, 190 ms each; the time of the last one's end. */
    async keys(phone: Telephone, symbols: string): Promise<number> {
      await inTime(phone.dial(symbols));
      return clock.monotonicMs() - 95;
    },
    records: (): CallRecord[] => [...store.records.values()],
    /** The one record, once it is closed. */
    async closedRecord(): Promise<CallRecord> {
      await office.runUntil(() => [...store.records.values()].some((record) => record.endAt), 200_000);
      const [record, ...others] = store.records.values();
      if (!record || others.length > 0) throw new Error(`${others.length + 1} records in place of one`);
      return record;
    },
    isIdle: () => isIdle(server),
  };
}

export type Network = Awaited<ReturnType<typeof network>>;

function openLine(office: Parameters<typeof simBinding>[0], number: string, clock: Clock, log: Log) {
  return openModem(`sim:${number}`, { clock, log, simBinding: simBinding(office) });
}

export function isTone(heard: ToneHz, tone: ToneHz): boolean {
  return heard.join() === tone.join();
}

/** When this telephone first heard that it rings at the far end. */
export function ringBackMs(phone: Telephone): number {
  const heard = phone.log.find((entry) => entry.what === 'tone' && isTone(entry.tone, tones.ringBack));
  if (!heard) throw new Error('no ring-back was heard');
  return heard.atMs;
}

/** Every trunk can take a call: none was left off-hook. */
function isIdle(server: Server): boolean {
  return server.status().every((trunk) => trunk.state === 'free');
}

function countingRandom() {
  let calls = 0;
  return (length: number) => new Uint8Array(length).fill(++calls);
}

/** Answers the next call at its `rings`th ring with the data carrier, as an endpoint that listens does. */
export function answerNext(modem: Modem, rings = 1): Promise<DataConnection> {
  return new Promise((resolve, reject) => {
    const rang = (count: number) => {
      if (count < rings) return;
      modem.off('ring', rang);
      modem.answerData({ carrierWaitSeconds: 60 }).then((result) => {
        if (result.kind === 'connected') resolve(result.connection);
        else reject(new Error(`not answered: ${result.kind}`));
      }, reject);
    };
    modem.on('ring', rang);
  });
}

/** Everything that comes until the line is released. */
export async function received(connection: DataConnection): Promise<string> {
  const octets: Buffer[] = [];
  for await (const chunk of connection.octets) octets.push(chunk as Buffer);
  return Buffer.concat(octets).toString('latin1');
}
