import { systemRandom } from '../../../crypto/random.js';
import { silentLog } from '../../../log/log.js';
import { Office } from '../../../pstn/central-office/office.js';
import { simBinding } from '../../../pstn/central-office/ports/sim-port.js';
import type { Modem } from '../../../pstn/modem/modem.js';
import { openModem } from '../../../pstn/modem/open-modem.js';
import { unpriced } from '../../../server/pricing.js';
import { type Server, type ServerOptions, startServer } from '../../../server/start-server.js';
import type { CallLedger } from '../../../store/calls.js';
import type { SimulatedClock } from '../../../time/simulated-clock.js';
import { LineTap } from './line-tap.js';
import type { LineKind } from './subject.js';

export const serverNumber = '5550100';
const secondTrunk = '5550199';
export const caller = { digits: '1', name: 'A', number: '5550101' };
export const callee = { digits: '2', name: 'B', number: '5550102' };

/** What a server keeps from one run to the next. */
export type ServerOwned = Pick<ServerOptions, 'store' | 'identity'>;

/** What the server did in one call of A's. */
export interface Brokered {
  /** When A had the server's word that the lines are joined, on the office's clock; `undefined`: they were not. */
  bridgedMs: number | undefined;
  /** Line time during which A was connected and B was still being dialled or training. */
  calleeMs: number;
}

/** The server with two trunks between the two lines, in this process. The trunks add neither delay nor errors. */
export class OurNetwork {
  readonly office: Office;
  readonly taps: { readonly caller: LineTap; readonly callee: LineTap };
  /** One for each carrier of A's, in order. */
  readonly brokered: Brokered[] = [];
  readonly #own: ServerOwned;
  readonly #clock: SimulatedClock;
  #server: Server | undefined;
  #modems: { readonly caller: Modem; readonly callee: Modem } | undefined;

  constructor(
    { rate, delayMs, bitErrorRate, seed }: LineKind,
    { store, identity }: ServerOwned,
    clock: SimulatedClock,
  ) {
    this.#own = { store: { ...store, calls: { ...store.calls, note: this.#note } }, identity };
    const ends = { rate, delayMs: delayMs / 2, bitErrorRate: bitErrorRate / 2 };
    this.office = new Office(
      {
        timeScale: 1,
        seed,
        lines: [
          { rate, number: serverNumber, hunt: serverNumber },
          { rate, number: secondTrunk, hunt: serverNumber },
          { ...ends, number: caller.number },
          { ...ends, number: callee.number },
        ],
      },
      { clock, log: silentLog },
    );
    this.taps = {
      caller: new LineTap(this.office.line(caller.number), clock),
      callee: new LineTap(this.office.line(callee.number), clock),
    };
    this.#clock = clock;
  }

  async open(): Promise<{ readonly caller: Modem; readonly callee: Modem }> {
    const open = (number: string) =>
      openModem(`sim:${number}`, {
        clock: this.#clock,
        log: silentLog,
        simBinding: simBinding(this.office),
      });
    this.#server = await startServer({
      ...this.#own,
      pricing: unpriced,
      number: serverNumber,
      trunks: [serverNumber, secondTrunk].map((number) => ({
        url: `sim:${number}`,
        open: () => open(number),
      })),
      clock: this.#clock,
      random: systemRandom,
      log: silentLog,
    });
    this.#modems = { caller: await open(caller.number), callee: await open(callee.number) };
    return this.#modems;
  }

  /** Before every step of the clock, `stepMs` long. */
  watch(stepMs: number): void {
    const isConnected = this.office.line(caller.number).inbound !== undefined;
    const isCalling = !this.office.line(secondTrunk).isIdle();
    const wasThrough = this.taps.callee.carriers.length >= this.taps.caller.carriers.length;
    if (isConnected && isCalling && !wasThrough) this.#present().calleeMs += stepMs;
  }

  async close(): Promise<void> {
    await this.#modems?.caller.close();
    await this.#modems?.callee.close();
    await this.#server?.stop(0);
    await this.office.close();
  }

  /** Nothing comes to A between the server's word and the lines' joining, which waits for A to acknowledge that word. */
  #note: CallLedger['note'] = async (_, { bridgeAt }) => {
    if (bridgeAt) this.#present().bridgedMs ??= this.taps.caller.carriers.at(-1)?.lastMs;
  };

  #present(): Brokered {
    const calls = this.taps.caller.carriers.length;
    while (this.brokered.length < calls) this.brokered.push({ bridgedMs: undefined, calleeMs: 0 });
    const present = this.brokered[calls - 1];
    if (!present) throw new Error('the server joined lines before A was connected');
    return present;
  }
}
