import { join } from 'node:path';
import type { ActionEnd, EndpointEvent } from '../../../endpoint/actions/events.js';
import { listen } from '../../../endpoint/actions/listen.js';
import { send } from '../../../endpoint/actions/send.js';
import { SimulatedClock } from '../../../time/simulated-clock.js';
import { checkCopies } from './copies.js';
import { drive, LineTimeSpent } from './drive.js';
import { callee, caller, OurNetwork } from './our-network.js';
import { accountOf, type OurStations, pairedStations } from './our-stations.js';
import type { CallTimes, Delivery, Errand, Subject } from './subject.js';

const nobody = {
  confirmCheckString: async () => false,
  typeCheckString: async () => '',
};

/** What is measured as Cordboard, for people. */
export const spoken = 'version 1 of its protocols, which has no receipt: measured until B has filed it';

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
    const calls = [await this.#call(stations, errand)];
    if (errand.lostAfterOctets !== undefined) {
      await errand.betweenCalls?.();
      const { lostAfterOctets: _, ...again } = errand;
      calls.push(await this.#call(stations, again));
    }
    const last = calls.at(-1);
    const inbox = last?.inboxFolder;
    return {
      calls: calls.map(({ times }) => times),
      isSaidDone: last?.isSaidDone ?? false,
      ...(inbox === undefined
        ? { isRight: false, isWrongFiled: false }
        : checkCopies(errand.folder, join(stations.callee.inbox, inbox))),
    };
  }

  async #call(stations: OurStations, errand: Errand) {
    const network = new OurNetwork(errand.line, stations.server, this.#clock);
    const { taps, office } = network;
    if (errand.lostAfterOctets !== undefined)
      taps.callee.whenCome(errand.lostAfterOctets, () => office.line(caller.number).dropCarrier());
    const marks: Marks = {};
    const onCalleeEvent = ({ event }: EndpointEvent) => {
      if (event === 'progress') {
        marks.contentMs ??= this.#clock.monotonicMs();
        // Beside what was before it, a hundredth of a second of the content itself.
        marks.contentAt ??= taps.callee.octets;
      }
      // Version 1 has no receipt: what B has filed is delivered.
      if (event === 'received') marks.endMs = this.#clock.monotonicMs();
    };
    const peer = await stations.caller.addressBook.named(accountOf(callee.digits));
    const work = async () => {
      const modems = await network.open();
      return Promise.all([
        listen(stations.callee, { modem: modems.callee, screen: nobody, once: true, onEvent: onCalleeEvent }),
        send(stations.caller, peer, [errand.folder], { modem: modems.caller, onEvent: () => {} }),
      ]);
    };
    const [received, sent] = await drive(this.#clock, work(), {
      limitMs: errand.limitMs,
      onStep: (stepMs) => network.watch(stepMs),
    }).catch((cause: unknown): [undefined, undefined] => {
      if (cause instanceof LineTimeSpent) return [undefined, undefined];
      throw cause;
    });
    const times = this.#times(network, marks);
    await drive(this.#clock, network.close(), { limitMs: errand.limitMs });
    return { times, isSaidDone: sent?.event === 'sent', inboxFolder: folderOf(received) };
  }

  #times({ taps, calleeMs }: OurNetwork, marks: Marks): CallTimes {
    const connectedMs = taps.caller.carrierMs ?? Number.NaN;
    const since = (ms: number | undefined) => (ms === undefined ? undefined : ms - connectedMs);
    return {
      bridgedMs: Math.max(0, since(taps.callee.carrierMs) ?? Number.NaN),
      calleeMs,
      firstContentMs: since(marks.contentMs),
      receiptMs: since(marks.endMs),
      octetsThere: taps.callee.octets,
      octetsBefore: marks.contentAt,
      octetsBack: taps.caller.octets,
    };
  }
}

interface Marks {
  contentMs?: number;
  contentAt?: number;
  endMs?: number;
}

function folderOf(received: ActionEnd | undefined): string | undefined {
  return received?.event === 'received' ? received.folder : undefined;
}
