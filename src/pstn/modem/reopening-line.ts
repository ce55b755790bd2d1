import type { Clock } from '../../time/clock.js';
import { wait } from '../../time/clock.js';
import type { OpenPort } from './open-port.js';
import type { Circuits, DtrDrop, SerialLine, SerialLineListener } from './serial-line.js';

/** How such a port is opened. */
export interface Reopenable {
  /** Rejects with the reason why it cannot be opened now. */
  open(): Promise<ReopenablePort>;
}

/** One opening of it. */
export interface ReopenablePort {
  readonly port: OpenPort;
  drain(): Promise<void>;
  /** Lets go in order: what was written still arrives. */
  shut(): Promise<void>;
  /** A sign of dropped DTR that leaves the port open. Without circuits, its closing from behind is the sign of release. */
  signalDtr?(on: boolean): void;
  /** As they were told last; `undefined` until then. */
  circuits?(): Circuits | undefined;
  discardOutput?(): void;
  readonly remarks?: readonly string[];
  /** Default: none. */
  readonly hiddenOctets?: number;
  /** Default: yes, its closing does. */
  readonly canDropDtr?: SerialLine['canDropDtr'];
}

/** A renewed pty or a restarted office is there again within this time, or the line is lost. */
const reopenForMs = 5_000;
const reopenEveryMs = 50;
const pollMs = 50;
/** So many closings within so long are no ends of calls: the port is broken, or another program fights for it. */
const mostClosings = 20;
const closingsWithinMs = 10_000;

/**
 * A line that may be closed from behind and is found again by its address: a pty, a TCP connection, a port at a port
 * server. To close it drops DTR, where nothing else does. A pty's other side closes it at carrier loss, and whatever is
 * found at the same address afterwards is the same modem.
 */
export class ReopeningLine implements SerialLine {
  readonly #way: Reopenable;
  readonly #clock: Clock;
  #listener: SerialLineListener | undefined;
  #opened: ReopenablePort | undefined;
  /** The present opening, or the one before. */
  #last: ReopenablePort;
  /** What writes wait for: the port that is being opened. */
  #ready: Promise<void> = Promise.resolve();
  #isPaused = false;
  #isClosed = false;
  /** When the port was closed from behind, the last times. */
  readonly #closingsMs: number[] = [];

  private constructor(way: Reopenable, clock: Clock, opened: ReopenablePort) {
    this.#way = way;
    this.#clock = clock;
    this.#opened = opened;
    this.#last = opened;
  }

  /** Rejects when the first opening fails: a wrong address is no reason to wait. */
  static async open(way: Reopenable, clock: Clock): Promise<ReopeningLine> {
    return new ReopeningLine(way, clock, await way.open());
  }

  get canDropDtr(): SerialLine['canDropDtr'] {
    return this.#last.canDropDtr ?? 'yes';
  }

  get hiddenOctets(): number {
    return this.#last.hiddenOctets ?? 0;
  }

  listen(listener: SerialLineListener): void {
    this.#listener = listener;
    if (this.#opened) this.#attach(this.#opened);
  }

  async write(octets: Uint8Array): Promise<void> {
    await this.#ready;
    await this.#opened?.port.write(octets);
  }

  async drain(): Promise<void> {
    await this.#opened?.drain();
  }

  /** A bare socket or a pty has no such order; the closing that ended the call has thrown it away. */
  async discardOutput(): Promise<void> {
    this.#opened?.discardOutput?.();
  }

  pause(): void {
    this.#isPaused = true;
    this.#opened?.port.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#opened?.port.resume();
  }

  async dropDtr(drop: DtrDrop): Promise<void> {
    await this.#ready;
    const opened = this.#opened;
    if (!opened) return;
    if (opened.signalDtr) await this.#signalDrop(opened, drop);
    else {
      this.#opened = undefined;
      this.#ready = opened
        .shut()
        .then(() => wait(this.#clock, drop.offMs))
        .then(() => this.#reopen());
    }
    await this.#ready;
  }

  async carrierDetect(): Promise<boolean | undefined> {
    return (await this.circuits())?.dcd;
  }

  async circuits(): Promise<Circuits | undefined> {
    return this.#opened?.circuits?.();
  }

  get remarks(): readonly string[] {
    return this.#last.remarks ?? [];
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const opened = this.#opened;
    this.#opened = undefined;
    await opened?.shut();
  }

  /** A port that is closed meanwhile is opened again by itself. */
  async #signalDrop(opened: ReopenablePort, drop: DtrDrop): Promise<void> {
    opened.signalDtr?.(false);
    await wait(this.#clock, drop.offMs);
    const deadlineMs = this.#clock.monotonicMs() + drop.releaseMs;
    const isReleased = async () =>
      this.#opened !== opened || (opened.circuits !== undefined && (await drop.carrierDetect()) !== true);
    while (this.#clock.monotonicMs() < deadlineMs && !(await isReleased())) await wait(this.#clock, pollMs);
    if (this.#opened === opened) opened.signalDtr?.(true);
  }

  async #reopen(): Promise<void> {
    const deadlineMs = this.#clock.monotonicMs() + reopenForMs;
    while (!this.#isClosed) {
      try {
        const opened = await this.#way.open();
        if (this.#isClosed) return await opened.shut();
        this.#opened = opened;
        this.#last = opened;
        return this.#attach(opened);
      } catch (error) {
        if (this.#clock.monotonicMs() < deadlineMs) await wait(this.#clock, reopenEveryMs);
        else this.#lose(error as Error);
      }
    }
  }

  #lose(cause: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener?.lost(cause);
  }

  #closesAgainAndAgain(): boolean {
    const nowMs = this.#clock.monotonicMs();
    this.#closingsMs.push(nowMs);
    if (this.#closingsMs.length <= mostClosings) return false;
    return nowMs - (this.#closingsMs.shift() as number) < closingsWithinMs;
  }

  #attach(opened: ReopenablePort): void {
    opened.port.listen({
      octets: (octets) => {
        if (this.#opened === opened) this.#listener?.octets(octets);
      },
      closed: () => {
        if (this.#opened !== opened) return;
        this.#opened = undefined;
        const isBroken = this.#closesAgainAndAgain();
        if (!isBroken) {
          this.#ready = this.#reopen().then(() => {
            if (this.#opened) this.#listener?.reopened();
          });
        }
        this.#listener?.hungUp();
        if (isBroken) this.#lose(new Error('the port is closed again and again'));
      },
    });
    if (this.#isPaused) opened.port.pause();
  }
}
