import type { Log } from '../log/log.js';
import type { Modem } from '../pstn/modem/modem.js';
import type { CallerId, DtmfSymbol } from '../pstn/signals.js';
import { atMost } from '../time/at-most.js';
import type { Clock } from '../time/clock.js';

/** A line of the server, and how its modem is opened; again after the adapter was pulled. */
export interface TrunkLine {
  readonly url: string;
  open(): Promise<Modem>;
}

export type TrunkState = 'out-of-service' | 'free' | 'in-call' | 'lent' | 'closed';

/** Who uses a trunk for a callee's leg, and what it must hear of. */
export interface Borrower {
  /** Glare: someone calls on the trunk that was to be dialled on. */
  rang(): void;
  lost(): void;
}

/** A call that came in on a trunk, and what it must hear of. */
export interface TrunkCall {
  readonly trackingId: string;
  /** Resolves when the trunk is on-hook again. */
  readonly over: Promise<void>;
  rang(): void;
  callerId(id: CallerId): void;
  digit(symbol: DtmfSymbol): void;
  callerGone(): void;
  callerLost(): void;
  /** The server stops. */
  stop(): void;
}

const firstReopenMs = 1_000;
const slowestReopenMs = 60_000;

export interface TrunkOptions {
  readonly line: TrunkLine;
  readonly clock: Clock;
  readonly log: Log;
  /** After each call and loan the line stays on-hook for so long before it is used again. */
  readonly restMs: number;
  /** A call begins with the ring; `undefined` when none is taken any more. */
  startCall(trunk: Trunk, modem: Modem): TrunkCall | undefined;
}

/** One line with its modem: free, in a call of its own, lent for another call's second leg, or out of service. */
export class Trunk {
  readonly url: string;
  readonly #options: TrunkOptions;
  #state: TrunkState = 'out-of-service';
  #modem: Modem | undefined;
  #call: TrunkCall | undefined;
  #borrower: Borrower | undefined;
  /** While it is out of service: the closing of the old modem and the tries to open one. */
  #returning: Promise<void> = Promise.resolve();
  /** Ends the wait for the next try to open the modem. */
  #close = (): void => {};
  readonly #closed = new Promise<void>((resolve) => {
    this.#close = resolve;
  });

  constructor(options: TrunkOptions) {
    this.url = options.line.url;
    this.#options = options;
  }

  get state(): TrunkState {
    return this.#state;
  }

  get call(): TrunkCall | undefined {
    return this.#call;
  }

  /** Rejects when the modem cannot be opened; the trunk stays out of service then. */
  async open(): Promise<void> {
    const modem = await this.#options.line.open();
    if (this.#isClosed()) {
      await modem.close();
      return;
    }
    this.#modem = modem;
    this.#state = 'free';
    modem.on('ring', this.#rang);
    modem.on('callerId', this.#callerId);
    modem.on('digit', this.#digit);
    modem.on('farEndGone', this.#farEndGone);
    modem.on('lost', this.#lost);
  }

  /** For a second leg; `undefined` unless the trunk is free. */
  lend(borrower: Borrower): Modem | undefined {
    if (this.#state !== 'free') return undefined;
    this.#state = 'lent';
    this.#borrower = borrower;
    return this.#modem;
  }

  /** The lent trunk is on-hook again. Nothing to give back where the modem was lost meanwhile. */
  giveBack(borrower: Borrower): void {
    if (this.#borrower !== borrower) return;
    void this.#rested().then(() => {
      if (this.#borrower !== borrower) return;
      this.#borrower = undefined;
      if (this.#state === 'lent') this.#state = 'free';
    });
  }

  /** Closes the modem and opens it anew: it was lost, or it does not hang up. */
  renew(): void {
    if (this.#isClosed() || this.#state === 'out-of-service') return;
    this.#state = 'out-of-service';
    // What was under way ends by itself; it has no claim on the modem that is opened next.
    this.#call = undefined;
    this.#borrower = undefined;
    this.#returning = this.#letModemGo().then(() => this.#openAgain());
  }

  /** After `open` has failed: tries again, slower and slower, for as long as it takes. */
  reopen(): void {
    this.#returning = this.#openAgain();
  }

  /** Resolves when no modem of this trunk is open. */
  async close(): Promise<void> {
    this.#state = 'closed';
    this.#close();
    await this.#letModemGo();
    await this.#returning;
  }

  async #openAgain(): Promise<void> {
    const { clock, log } = this.#options;
    for (let delayMs = firstReopenMs; ; delayMs = Math.min(delayMs * 2, slowestReopenMs)) {
      await atMost(clock, delayMs, this.#closed);
      if (this.#isClosed()) return;
      try {
        await this.open();
        if (!this.#isClosed()) log.info({ port: this.url }, 'trunk back in service');
        return;
      } catch (cause) {
        log.warn({ port: this.url, error: String(cause) }, 'trunk still out of service');
      }
    }
  }

  /** A call, since the state changes while others wait and the compiler does not see that. */
  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  async #letModemGo(): Promise<void> {
    const modem = this.#modem;
    if (!modem) return;
    this.#modem = undefined;
    modem.off('ring', this.#rang);
    modem.off('callerId', this.#callerId);
    modem.off('digit', this.#digit);
    modem.off('farEndGone', this.#farEndGone);
    modem.off('lost', this.#lost);
    try {
      await modem.close();
    } catch (cause) {
      this.#options.log.debug({ port: this.url, error: String(cause) }, 'the modem did not close cleanly');
    }
  }

  /** CM-275: at most one call on a port; further rings belong to the call that is there. */
  readonly #rang = (): void => {
    if (this.#call) this.#call.rang();
    else if (this.#borrower) this.#borrower.rang();
    else if (this.#state === 'free' && this.#modem) this.#begin(this.#modem);
  };

  #begin(modem: Modem): void {
    const call = this.#options.startCall(this, modem);
    if (!call) return;
    this.#state = 'in-call';
    this.#call = call;
    const isRested = call.over.then(() => this.#rested());
    void isRested.then(() => {
      if (this.#call !== call) return;
      this.#call = undefined;
      if (this.#state === 'in-call') this.#state = 'free';
    });
  }

  async #rested(): Promise<void> {
    const { clock, restMs } = this.#options;
    if (restMs > 0) await atMost(clock, restMs, this.#closed);
  }

  readonly #callerId = (id: CallerId): void => this.#call?.callerId(id);

  readonly #digit = (symbol: DtmfSymbol): void => this.#call?.digit(symbol);

  readonly #farEndGone = (): void => this.#call?.callerGone();

  readonly #lost = (cause: Error): void => {
    this.#options.log.error({ port: this.url, error: String(cause) }, 'modem lost; trunk out of service');
    const call = this.#call;
    const borrower = this.#borrower;
    this.renew();
    call?.callerLost();
    borrower?.lost();
  };
}
