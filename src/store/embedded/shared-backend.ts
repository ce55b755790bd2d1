import type { Clock, Timer } from '../../time/clock.js';
import { rollBack, sortReply } from './messages.js';
import { Wire, WireCut, type WireEnd } from './wire.js';

/** Executes one request of whole messages; resolves to the whole reply, or never when the engine is gone. */
export type Engine = (request: Uint8Array) => Promise<Uint8Array>;

export interface TurnLimits {
  /** A client that keeps the backend and has asked nothing for so long is cut off. */
  readonly idleTurnMs: number;
  /** A statement that runs so long means an engine that must be replaced: it takes no cancel. */
  readonly busyTurnMs: number;
}

const silent = 'this client kept the database without asking it anything';

interface Request {
  readonly wire: Wire;
  readonly octets: Uint8Array;
  executed(): void;
}

/**
 * Many wires, one backend: PGlite is a single PostgreSQL session. A wire has the backend from its first message
 * until ReadyForQuery says "idle", so extended queries, cursors and transactions of two clients never mix; the
 * others wait in the order in which they came.
 */
export class SharedBackend implements WireEnd {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #limits: TurnLimits;
  readonly #onStuck: () => void;
  readonly #wires = new Set<Wire>();
  #waiting: Request[] = [];
  #holder: Wire | undefined;
  #executing = false;
  #watchdog: Timer;

  /** @param onStuck a statement has run for longer than `busyTurnMs` */
  constructor(engine: Engine, clock: Clock, limits: TurnLimits, onStuck: () => void) {
    this.#engine = engine;
    this.#clock = clock;
    this.#limits = limits;
    this.#onStuck = onStuck;
  }

  connect(): Wire {
    const wire = new Wire(this);
    this.#wires.add(wire);
    return wire;
  }

  submit(wire: Wire, octets: Uint8Array, executed: () => void): void {
    this.#waiting.push({ wire, octets, executed });
    this.#next();
  }

  /** The wire has closed: what it left behind is rolled back before anyone else has the backend. */
  leave(wire: Wire): void {
    this.#wires.delete(wire);
    this.#waiting = this.#waiting.filter((request) => request.wire !== wire);
    if (this.#holder === wire) this.submit(wire, rollBack, () => {});
  }

  /** Cuts every wire off: the engine is gone. */
  destroy(reason: string): void {
    this.#clock.clearTimeout(this.#watchdog);
    this.#holder = undefined;
    for (const wire of this.#wires) wire.destroy(new WireCut(reason));
  }

  #next(): void {
    if (this.#executing) return;
    const request = this.#holder
      ? this.#waiting.find(({ wire }) => wire === this.#holder)
      : this.#waiting.at(0);
    if (!request) return;
    this.#waiting.splice(this.#waiting.indexOf(request), 1);
    this.#holder = request.wire;
    this.#executing = true;
    this.#watch(this.#limits.busyTurnMs, this.#onStuck);
    void this.#engine(request.octets).then((reply) => this.#answer(request, reply));
  }

  #answer({ wire, executed }: Request, octets: Uint8Array): void {
    this.#executing = false;
    const { notifications, answer, idle } = sortReply(octets);
    if (idle) this.#endTurn();
    else this.#watch(this.#limits.idleTurnMs, () => wire.destroy(new WireCut(silent)));
    if (notifications.length > 0) for (const each of this.#wires) each.push(notifications);
    if (!wire.destroyed) {
      wire.push(answer);
      executed();
    }
    this.#next();
  }

  #watch(limitMs: number, tooLong: () => void): void {
    this.#clock.clearTimeout(this.#watchdog);
    this.#watchdog = this.#clock.setTimeout(tooLong, limitMs);
  }

  #endTurn(): void {
    this.#clock.clearTimeout(this.#watchdog);
    this.#holder = undefined;
  }
}
