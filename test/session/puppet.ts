import type { SessionFailure, SessionWorld } from '../../src/session/session.js';
import { SimulatedClock } from '../../src/time/simulated-clock.js';
import { LogBook } from '../support/log-book.js';
import { idle, Pair, type PairEnd, settle } from '../support/pair.js';
import { seeded } from '../support/seeded.js';

/** One side of a call played by the test: it says octets, and hears what the session answers. */
export class Puppet<Result> {
  readonly clock = new SimulatedClock();
  readonly log = new LogBook();
  readonly line = new Pair();
  readonly #end: PairEnd;
  readonly #heard: Uint8Array[] = [];
  readonly #session: Promise<Result>;
  readonly abort = new AbortController();

  /** @param start begins the session under test at the other end of the line */
  constructor(side: 'caller' | 'callee', start: (world: SessionWorld) => Promise<Result>) {
    this.#end = this.line[side];
    this.#end.on('data', (octets: Uint8Array) => this.#heard.push(octets));
    this.#session = start({
      connection: side === 'caller' ? this.line.callee : this.line.caller,
      clock: this.clock,
      random: seeded('session'),
      log: this.log,
      signal: this.abort.signal,
    });
  }

  /** Says these octets in one write; everything that follows from them without time passing has happened then. */
  async say(...octets: readonly (Uint8Array | number)[]): Promise<void> {
    const parts = octets.map((part) => (typeof part === 'number' ? Uint8Array.of(part) : part));
    this.#end.write(Buffer.concat(parts));
    await idle();
  }

  /** All that the session has sent so far. */
  async heard(): Promise<Buffer> {
    await idle();
    return Buffer.concat(this.#heard);
  }

  async passes(ms: number): Promise<void> {
    await idle();
    this.clock.advance(ms);
    await idle();
  }

  async hangUp(): Promise<void> {
    await this.#end.hangUp();
    await idle();
  }

  get lineIsReleased(): boolean {
    return (this.#end === this.line.caller ? this.line.callee : this.line.caller).isOnHook;
  }

  /** How the session ends, at once or when its timers have run out. */
  async result(): Promise<Result> {
    return settle(this.clock, this.#session);
  }

  async failure(): Promise<SessionFailure> {
    const result = (await this.result()) as { kind: string };
    if (result.kind !== 'failed') throw new Error(`the session did not fail: ${JSON.stringify(result)}`);
    return result as SessionFailure;
  }
}
