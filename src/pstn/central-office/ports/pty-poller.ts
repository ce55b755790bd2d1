import type { Clock, Timer } from '../../../time/clock.js';
import { type Libc, pollEntryOctets, pollEvents } from './libc.js';

const pollMs = 10;
/** After a second in which no octet moved: waking up is half of what an idle office costs. */
const quietPollMs = 50;
const pollsUntilQuiet = 100;
/** Each port's terminal settings are read at every so many polls: programs hold B0 for half a second and more. */
const pollsPerReading = 5;

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
  #pollsWithoutOctets = 0;
  #timer: Timer;

  constructor(libc: Libc, clock: Clock) {
    this.libc = libc;
    this.#clock = clock;
  }

  add(port: PolledPort): void {
    this.#ports.push(port);
    this.#resize();
    if (!this.#timer) this.#schedule();
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
    this.#polls++;
    this.#ports.forEach((port, index) => {
      this.#fds[2 * index] = port.fd;
      this.#events[4 * index + 2] = port.wanted();
    });
    this.libc.poll(this.#octets, this.#ports.length);
    const events = this.#events;
    this.#pollsWithoutOctets++;
    // A copy: what a port does may add or remove ports.
    this.#ports.slice().forEach((port, index) => {
      const event = events[4 * index + 3] ?? 0;
      if (event & (pollEvents.in | pollEvents.out)) this.#pollsWithoutOctets = 0;
      if ((index + this.#polls) % pollsPerReading === 0) port.readSettings();
      port.polled(event);
    });
    this.#schedule();
  }

  #schedule(): void {
    const delayMs = this.#pollsWithoutOctets < pollsUntilQuiet ? pollMs : quietPollMs;
    this.#timer = this.#clock.setTimeout(() => this.#poll(), delayMs);
  }
}
