import { systemRandom } from '../../../crypto/random.js';
import { silentLog } from '../../../log/log.js';
import { Office } from '../../../pstn/central-office/office.js';
import { simBinding } from '../../../pstn/central-office/ports/sim-port.js';
import type { Modem } from '../../../pstn/modem/modem.js';
import { openModem } from '../../../pstn/modem/open-modem.js';
import { type Server, type ServerOptions, startServer } from '../../../server/start-server.js';
import type { SimulatedClock } from '../../../time/simulated-clock.js';
import { LineTap } from './line-tap.js';
import type { LineKind } from './subject.js';

export const serverNumber = '5550100';
const secondTrunk = '5550199';
export const caller = { digits: '1', name: 'A', number: '5550101' };
export const callee = { digits: '2', name: 'B', number: '5550102' };

/** What a server keeps from one run to the next. */
export type ServerOwned = Pick<ServerOptions, 'store' | 'identity'>;

/** The server with two trunks between the two lines, in this process. The trunks add neither delay nor errors. */
export class OurNetwork {
  readonly office: Office;
  readonly taps: { readonly caller: LineTap; readonly callee: LineTap };
  readonly #own: ServerOwned;
  readonly #clock: SimulatedClock;
  #server: Server | undefined;
  #modems: { readonly caller: Modem; readonly callee: Modem } | undefined;
  /** Line time during which the caller was connected and the callee was still being dialled or training. */
  calleeMs = 0;

  constructor(
    { rate, delayMs, bitErrorRate, seed }: LineKind,
    { store, identity }: ServerOwned,
    clock: SimulatedClock,
  ) {
    this.#own = { store, identity };
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

  /** Before every step of the clock, `stepMs` long: adds to `calleeMs`. */
  watch(stepMs: number): void {
    const isConnected = this.office.line(caller.number).inbound !== undefined;
    const isCalling = !this.office.line(secondTrunk).isIdle();
    const isThrough = this.office.line(callee.number).inbound !== undefined;
    if (isConnected && isCalling && !isThrough) this.calleeMs += stepMs;
  }

  async close(): Promise<void> {
    await this.#modems?.caller.close();
    await this.#modems?.callee.close();
    await this.#server?.stop(0);
    await this.office.close();
  }
}
