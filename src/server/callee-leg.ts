import type { Log } from '../log/log.js';
import type { CalleeFailure } from '../protocol/call-manager/failures.js';
import type { ConnectResult, DataConnection, Modem } from '../pstn/modem/modem.js';
import type { Loan, TrunkPool } from './trunk-pool.js';

/** S7 of the callee's leg: step 330 gives it 60 s to answer and train. */
const carrierWaitSeconds = 60;

export interface CalleeLegListener {
  connected(connection: DataConnection): void;
  failed(result: CalleeFailure): void;
  lost(): void;
}

/** The B-leg: a lent trunk that dials the callee (CM-330). */
export class CalleeLeg {
  readonly #loan: Loan;
  readonly #log: Log;
  readonly #listener: CalleeLegListener;
  readonly #abort = new AbortController();
  #isDialling = false;
  #hasGlare = false;
  #isReleased = false;

  private constructor(loan: Loan, log: Log, listener: CalleeLegListener) {
    this.#loan = loan;
    this.#log = log;
    this.#listener = listener;
  }

  /** `undefined` when no trunk is free. */
  static reserve(pool: TrunkPool, log: Log, listener: CalleeLegListener): CalleeLeg | undefined {
    let leg: CalleeLeg | undefined;
    const loan = pool.reserve({ rang: () => leg?.rang(), lost: () => leg?.lost() });
    if (loan) leg = new CalleeLeg(loan, log, listener);
    return leg;
  }

  get port(): string {
    return this.#loan.port;
  }

  /** Aborts when the leg is released. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Tells the listener how it went, once. */
  dial(number: string): void {
    this.#isDialling = true;
    void this.#dial(this.#loan.modem, number)
      .catch((cause): CalleeFailure => {
        this.#log.error({ port: this.port, error: String(cause) }, 'the modem failed while dialling');
        return 'silent';
      })
      .then((result) => {
        this.#isDialling = false;
        if (typeof result === 'object') this.#listener.connected(result);
        else this.#listener.failed(this.#hasGlare ? 'glare' : result);
      });
  }

  /** Glare: the incoming call wins, the dial is given up; the ring is served at its next burst. */
  rang(): void {
    if (!this.#isDialling) return;
    this.#hasGlare = true;
    this.#abort.abort();
  }

  /** Where it is being given back already, that is nobody's concern any more. */
  lost(): void {
    if (!this.#isReleased) this.#listener.lost();
  }

  /** Hangs up whatever there is and gives the trunk back. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#abort.abort();
    void this.#loan.modem.hangUp().then(() => this.#loan.giveBack());
  }

  async #dial(modem: Modem, number: string): Promise<DataConnection | CalleeFailure> {
    const result = await modem.dial(number, { carrierWaitSeconds, signal: this.#abort.signal });
    return outcomeOf(result);
  }
}

function outcomeOf(result: ConnectResult): DataConnection | CalleeFailure {
  switch (result.kind) {
    case 'connected':
      return result.connection;
    case 'answered':
      throw new Error('a data call was answered in voice mode');
    default:
      return result.kind;
  }
}
