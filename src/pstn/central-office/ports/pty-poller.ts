import type { Clock, Timer } from '../../../time/clock.js';
import { type Libc, loadLibc, pollEntryOctets } from './libc.js';

const pollMs = 10;
/** Each port's terminal settings are read at every so many polls: programs hold B0 for half a second and more. */
const pollsPerReading = 10;

/** A port as the poller sees it. */
export interface PolledPort {
  readonly fd: number;
  /** Of `pollEvents`, which to report; hang-up always is. */
  wanted(): number;
  polled(events: number): void;
  readSettings(): void;
}

/** Watches all pseudo-terminals of an office with one timer and one system call (koffi makes them synchronously). */
export class PtyPoller {
  readonly libc: Libc;
  readonly #clock: Clock;
  readonly #ports: PolledPort[] = [];
  #octets = new Uint8Array();
  #fds = new Int32Array();
  #events = new Int16Array();
  #polls = 0;
  #timer: Timer;

  /** Throws where pseudo-terminals cannot be made. */
  constructor(clock: Clock) {
    this.libc = loadLibc();
    this.#clock = clock;
  }

  add(port: PolledPort): void {
    this.#ports.push(port);
    this.#resize();
    this.#timer ??= this.#clock.setTimeout(() => this.#poll(), pollMs);
  }

  remove(port: PolledPort): void {
    const index = this.#ports.indexOf(port);
    if (index < 0) return;
    this.#ports.splice(index, 1);
    this.#resize();
  }

  #resize(): void {
    this.#octets = new Uint8Array(this.#ports.length * pollEntryOctets);
    this.#fds = new Int32Array(this.#octets.buffer);
    this.#events = new Int16Array(this.#octets.buffer);
  }

  #poll(): void {
    if (this.#ports.length === 0) {
      this.#timer = undefined;
      return;
    }
    this.#timer = this.#clock.setTimeout(() => this.#poll(), pollMs);
    this.#polls++;
    this.#ports.forEach((port, index) => {
      this.#fds[2 * index] = port.fd;
      this.#events[4 * index + 2] = port.wanted();
    });
    this.libc.poll(this.#octets, this.#ports.length);
    const events = this.#events;
    // A copy: what a port does may add or remove ports.
    this.#ports.slice().forEach((port, index) => {
      if ((index + this.#polls) % pollsPerReading === 0) port.readSettings();
      port.polled(events[4 * index + 3] ?? 0);
    });
  }
}
