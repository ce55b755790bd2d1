import type { Clock } from '../../time/clock.js';
import { wait } from '../../time/clock.js';
import type { OpenPort } from './open-port.js';
import type { SerialLine, SerialLineListener } from './serial-line.js';

/** How a port without circuits is opened, and one opening of it closed. */
export interface Reopenable {
  open(): Promise<{
    readonly port: OpenPort;
    /** Lets go in order: what was written still arrives. */
    shut(): Promise<void>;
    drain(): Promise<void>;
  }>;
}

type Opening = Awaited<ReturnType<Reopenable['open']>>;

/** A renewed pty or a restarted office is there again within this time, or the line is lost. */
const reopenForMs = 5_000;
const reopenEveryMs = 50;

/**
 * A line without circuits: a pty or a TCP connection. To close it drops DTR. The other side closes it at carrier loss,
 * and whatever is found at the same address afterwards is the same modem.
 */
export class ReopeningLine implements SerialLine {
  readonly dtr = 'reopen';
  readonly #way: Reopenable;
  readonly #clock: Clock;
  #listener: SerialLineListener | undefined;
  #opening: Opening | undefined;
  /** What writes wait for. */
  #ready: Promise<void> = Promise.resolve();
  #isPaused = false;
  /** DTR is to be on: a closed port is to be opened again. */
  #dtrOn = true;
  #closed = false;

  private constructor(way: Reopenable, clock: Clock, opening: Opening) {
    this.#way = way;
    this.#clock = clock;
    this.#opening = opening;
  }

  /** Rejects when the first opening fails: a wrong address is no reason to wait. */
  static async open(way: Reopenable, clock: Clock): Promise<ReopeningLine> {
    return new ReopeningLine(way, clock, await way.open());
  }

  listen(listener: SerialLineListener): void {
    this.#listener = listener;
    if (this.#opening) this.#attach(this.#opening);
  }

  async write(octets: Uint8Array): Promise<void> {
    await this.#ready;
    await this.#opening?.port.write(octets);
  }

  async drain(): Promise<void> {
    await this.#opening?.drain();
  }

  /** A socket or a pty has no such order; the closing that ended the call has thrown it away. */
  discardOutput(): Promise<void> {
    return Promise.resolve();
  }

  pause(): void {
    this.#isPaused = true;
    this.#opening?.port.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#opening?.port.resume();
  }

  setDtr(on: boolean): Promise<void> {
    if (this.#closed || on === this.#dtrOn) return this.#ready;
    this.#dtrOn = on;
    this.#ready = this.#ready.then(() => (on ? this.#reopen() : this.#shut()));
    return this.#ready;
  }

  carrierDetect(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#dtrOn = false;
    await this.#shut();
  }

  async #shut(): Promise<void> {
    const opening = this.#opening;
    this.#opening = undefined;
    await opening?.shut();
  }

  async #reopen(): Promise<void> {
    const deadlineMs = this.#clock.monotonicMs() + reopenForMs;
    for (;;) {
      try {
        const opening = await this.#way.open();
        if (!this.#dtrOn) return await opening.shut();
        this.#opening = opening;
        this.#attach(opening);
        return;
      } catch (error) {
        if (this.#closed) return;
        if (this.#clock.monotonicMs() >= deadlineMs) {
          this.#closed = true;
          this.#listener?.lost(error as Error);
          return;
        }
      }
      await wait(this.#clock, reopenEveryMs);
      if (!this.#dtrOn) return;
    }
  }

  #attach(opening: Opening): void {
    opening.port.listen({
      octets: (octets) => {
        if (this.#opening === opening) this.#listener?.octets(octets);
      },
      closed: () => {
        if (this.#opening !== opening) return;
        this.#opening = undefined;
        this.#ready = this.#reopen();
        this.#listener?.hungUp();
      },
    });
    if (this.#isPaused) opening.port.pause();
  }
}
