import type { Clock } from '../../../time/clock.js';
import type { DtePort } from '../dte.js';
import type { Line } from '../line.js';
import { EscapeDetector } from './escape-detector.js';
import type { Settings } from './settings.js';

const xon = 0x11;
const xoff = 0x13;

/** Octets that the program may leave unread before the far end is held back: half a second at 33,600 bit/s. */
const receiveBufferOctets = 2048;

/**
 * Octets between the program and the line while there is a carrier. It has no buffer of its own: the line's is
 * the modem's transmit buffer (a tenth of a second of line time), what the line does not take stays in the
 * port, and what the program does not read is counted by the port. So nothing is copied and nothing waits twice.
 */
export class DataPump {
  readonly #line: Line;
  readonly #settings: () => Settings;
  readonly #escape: EscapeDetector;
  #lineBufferOctets = 0;
  /** The program sent XOFF. */
  #stopped = false;

  constructor(parts: {
    readonly line: Line;
    readonly clock: Clock;
    settings(): Settings;
    /** The escape sequence was recognised. */
    escaped(): void;
  }) {
    this.#line = parts.line;
    this.#settings = parts.settings;
    this.#escape = new EscapeDetector(parts.clock, parts.escaped);
  }

  /** Data mode begins, or begins again after the online command state. */
  start(): void {
    this.#stopped = false;
    this.#lineBufferOctets = Math.max(this.#lineBufferOctets, this.#line.transmitRoom());
    this.#escape.start();
    this.#line.receiveResumed();
  }

  stop(): void {
    this.#escape.stop();
  }

  /** The carrier is gone, and with it what the line held. */
  reset(): void {
    this.stop();
    this.#lineBufferOctets = 0;
  }

  /** Octets sent to the line and not on their way yet. */
  unsent(): number {
    return Math.max(0, this.#lineBufferOctets - this.#line.transmitRoom());
  }

  /** From the program to the line. Returns how many octets were taken. */
  transmit(octets: Uint8Array): number {
    const room = this.#line.transmitRoom();
    const chunk = octets.length > room ? octets.subarray(0, room) : octets;
    const settings = this.#settings();
    const data = settings.xonXoff === 'data' ? chunk : this.#obeyXonXoff(chunk, settings);
    if (data.length > 0) this.#line.transmit(data);
    this.#escape.observe(chunk, chunk.length < octets.length, settings.registers);
    return chunk.length;
  }

  /** Octets that the program can be given now. */
  receiveRoom(port: DtePort | undefined): number {
    if (this.#stopped || !port) return 0;
    return Math.max(0, receiveBufferOctets - port.pending());
  }

  #obeyXonXoff(chunk: Uint8Array, settings: Settings): Uint8Array {
    const last = Math.max(chunk.lastIndexOf(xon), chunk.lastIndexOf(xoff));
    if (last < 0) return chunk;
    const wasStopped = this.#stopped;
    this.#stopped = chunk[last] === xoff;
    if (wasStopped && !this.#stopped) this.#line.receiveResumed();
    if (settings.xonXoff === 'passed-on') return chunk;
    return chunk.filter((octet) => octet !== xon && octet !== xoff);
  }
}
