import { basename, join } from 'node:path';
import type { ActionEnd, EndpointEvent } from '../../../endpoint/actions/events.js';
import { listen } from '../../../endpoint/actions/listen.js';
import { send } from '../../../endpoint/actions/send.js';
import { readReceipts } from '../../../endpoint/transfers/receipts.js';
import type { Modem } from '../../../pstn/modem/modem.js';
import { SimulatedClock } from '../../../time/simulated-clock.js';
import { judgeCopies, readFiles } from './copies.js';
import { drive, LineTimeSpent } from './drive.js';
import type { Heard } from './line-tap.js';
import { callee, caller, OurNetwork } from './our-network.js';
import { accountOf, type OurStations, pairedStations } from './our-stations.js';
import { nextSealedOctets } from './sealed-content.js';
import type { CallTimes, Delivery, Errand, Subject } from './subject.js';

const nobody = {
  confirmCheckString: async () => false,
  typeCheckString: async () => '',
};

/** Two endpoints and the server between them: the program's own code, with a standing clock for the time. */
export class OurSubject implements Subject {
  readonly name = 'Cordboard';
  readonly #clock = new SimulatedClock();
  readonly #stations: Promise<OurStations>;

  /** @param place an empty folder for the endpoints' homes */
  constructor(place: string) {
    this.#stations = pairedStations(place, this.#clock);
  }

  async deliver(errand: Errand): Promise<Delivery> {
    const stations = await this.#stations;
    const network = new OurNetwork(errand.line, stations.server, this.#clock);
    const { taps, office } = network;
    if (errand.lostAfterOctets !== undefined)
      taps.callee.whenCome(errand.lostAfterOctets, () => office.line(caller.number).dropCarrier());
    const atFirst = readFiles(errand.folder);
    const ends = await drive(this.#clock, this.#send(stations, network, errand), {
      limitMs: errand.limitMs,
      onStep: (stepMs) => network.watch(stepMs),
    }).catch((cause: unknown) => {
      if (cause instanceof LineTimeSpent) return undefined;
      throw cause;
    });
    const calls = await this.#calls(stations, network, ends?.sent);
    await drive(this.#clock, network.close(), { limitMs: errand.limitMs });
    const { received, sent } = ends ?? {};
    const arrived = received?.event === 'received' && join(stations.callee.inbox, received.folder);
    return {
      calls,
      isSaidDone: sent?.event === 'sent',
      ...judgeCopies(arrived ? readFiles(join(arrived, basename(errand.folder))) : undefined, {
        now: readFiles(errand.folder),
        atFirst,
      }),
    };
  }

  /** One sending, over as many calls as it takes; B answers each. */
  async #send(stations: OurStations, network: OurNetwork, errand: Errand) {
    const modems = await network.open();
    const peer = await stations.caller.addressBook.named(accountOf(callee.digits));
    const onEvent = ({ event }: EndpointEvent) => {
      if (event === 'connected')
        network.taps.callee.seek(() => nextSealedOctets(stations.caller, stations.callee));
      if (event === 'redialing') errand.betweenCalls?.();
    };
    const answering = answerCalls(stations, modems.callee);
    const sent = await send(stations.caller, peer, [errand.folder], { modem: modems.caller, onEvent });
    return { sent, received: await answering.stop() };
  }

  async #calls(
    stations: OurStations,
    { taps, brokered }: OurNetwork,
    sent: ActionEnd | undefined,
  ): Promise<CallTimes[]> {
    const receiptMs = sent?.event === 'sent' ? await this.#receiptMs(stations, sent.receipt) : undefined;
    return taps.caller.carriers.map((back, index) => {
      const since = (ms: number | undefined) => (ms === undefined ? undefined : ms - back.upMs);
      const there: Partial<Heard> = taps.callee.carriers[index] ?? {};
      const isLast = index === taps.caller.carriers.length - 1;
      const bridgedMs = since(brokered[index]?.bridgedMs);
      const calleeUpMs = since(there.upMs);
      const hasBoth = bridgedMs !== undefined && calleeUpMs !== undefined;
      return {
        bridgedMs,
        calleeMs: brokered[index]?.calleeMs ?? 0,
        calleeLegMs: hasBoth ? bridgedMs - calleeUpMs : undefined,
        firstContentMs: since(there.markMs),
        receiptMs: isLast ? since(receiptMs) : undefined,
        octetsThere: there.octets ?? 0,
        octetsBefore: there.markAt,
        octetsBack: back.octets,
      };
    });
  }

  /** When A kept it. A is told that all was well when it is on-hook again. */
  async #receiptMs(
    { caller: { paths } }: OurStations,
    sessionId: string | null,
  ): Promise<number | undefined> {
    const kept = (await readReceipts(paths.receipts)).find(
      ({ receipt }) => Buffer.from(receipt.subarray(0, 16)).toString('hex') === sessionId,
    );
    const epochMs = this.#clock.utcMs() - Math.floor(this.#clock.monotonicMs());
    return kept && kept.receivedAt.getTime() - epochMs;
  }
}

/** B, answering one call after the other until it is told to stop, and then to the end of the one that it is in. */
function answerCalls({ callee: endpoint }: OurStations, modem: Modem) {
  const stopping = new AbortController();
  let isStopped = false;
  let isInCall = false;
  const onEvent = ({ event }: EndpointEvent) => {
    isInCall ||= event === 'ringing';
  };
  const answering = (async () => {
    let last: ActionEnd | undefined;
    while (!isStopped) {
      const end = await listen(endpoint, {
        ...{ modem, screen: nobody, once: true, onEvent, signal: stopping.signal },
      });
      isInCall = false;
      last = end ?? last;
    }
    return last;
  })();
  return {
    /** @returns the end of the last call */
    stop: () => {
      isStopped = true;
      if (!isInCall) stopping.abort();
      return answering;
    },
  };
}
