import { Duplex } from 'node:stream';
import type { Clock, Timer } from '../../../time/clock.js';
import { type ComPortCircuits, type ComPortMessage, comPort, confirms, parseComPort } from './com-port.js';
import {
  encodeData,
  encodeNegotiation,
  encodeSubnegotiation,
  type TelnetItem,
  TelnetReader,
  telnetOption,
  type Verb,
} from './telnet-codec.js';
import { TelnetOptions } from './telnet-options.js';

/** What stands at the other end of the connection. */
export type TelnetPeer = 'com-port' | 'telnet' | 'no-telnet';

/** What a port server reports by itself. */
export interface TelnetPortListener {
  comPort(message: ComPortMessage): void;
}

/** A server far away, on a slow link, has answered by then. */
const negotiationMs = 3_000;
const replyMs = 1_000;
/** Writes that a server may hold unanswered; at 2 KiB each that is a second of a 33,600 bit/s line. */
const marksAhead = 2;
/** Marks that are not answered by then may never be: the far end takes nothing, or the server tells no more. */
const drainMs = 30_000;
/** A server that asks on and on, and reads no answer, does not get more than this held for it. */
const mostUnread = 256 * 1_024;

interface Question {
  readonly order: Uint8Array;
  readonly timer: Timer;
  settle(answer: boolean | undefined): void;
}

/**
 * The octets of a serial port at a telnet server, without the telnet. A write ends when the server has read it: it is
 * followed by a timing mark (RFC 860), since the sockets between hold far more than a slow line sends in a minute.
 */
export class TelnetPort extends Duplex {
  readonly #socket: Duplex;
  readonly #clock: Clock;
  readonly #reader = new TelnetReader();
  readonly #options = new TelnetOptions({
    ours: [telnetOption.comPort, telnetOption.binary, telnetOption.suppressGoAhead],
    theirs: [telnetOption.comPort, telnetOption.binary, telnetOption.suppressGoAhead],
  });
  readonly #questions: Question[] = [];
  #listener: TelnetPortListener | undefined;
  #circuits: ComPortCircuits | undefined;
  /** Something of the other side was telnet. */
  #heardTelnet = false;
  #opening: Buffer = Buffer.alloc(0);
  /** The first octets of the other side, no more than we opened with. */
  #firstHeard: Buffer = Buffer.alloc(0);
  #isSuspended = false;
  #isGone = false;
  #marksOut = 0;
  #marksWork = false;
  /** Run when something changed that they wait for; each removes itself. */
  readonly #waiting = new Set<() => void>();

  constructor(socket: Duplex, clock: Clock) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    this.#clock = clock;
    socket.on('data', (octets: Buffer) => this.#receive(octets));
    socket.once('end', () => {
      this.#noteGone();
      this.push(null);
    });
    socket.once('error', (error) => this.destroy(error));
    socket.once('close', () => {
      this.#noteGone();
      if (!socket.readableEnded) this.destroy();
    });
  }

  /** The circuits as the server told them last; `undefined` until it has. */
  get circuits(): ComPortCircuits | undefined {
    return this.#circuits;
  }

  /** Whether the server tells what it has read, so that a write and `drained` wait for it. */
  get marksWork(): boolean {
    return this.#marksWork;
  }

  get isGone(): boolean {
    return this.#isGone || this.destroyed;
  }

  /** Before anything else: finds out what the other side is, and has it pass all octets. */
  async negotiate(listener: TelnetPortListener): Promise<TelnetPeer> {
    this.#listener = listener;
    const requests = [
      this.#options.ask('ours', telnetOption.comPort),
      this.#options.ask('theirs', telnetOption.binary),
      this.#options.ask('ours', telnetOption.binary),
      this.#options.ask('theirs', telnetOption.suppressGoAhead),
      this.#options.ask('ours', telnetOption.suppressGoAhead),
    ];
    this.#opening = Buffer.concat(requests);
    this.#socket.write(this.#opening);
    await this.#until(() => this.#isNegotiated(), negotiationMs);
    if (!this.#heardTelnet || this.#isEcho()) return 'no-telnet';
    await this.#tryMarks();
    return this.#isComPort() ? 'com-port' : 'telnet';
  }

  /** True when the server did as ordered, false when it did something else, `undefined` when it did not say within a second. */
  order(order: Uint8Array): Promise<boolean | undefined> {
    if (this.isGone) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const question: Question = {
        order,
        timer: this.#clock.setTimeout(() => question.settle(undefined), replyMs),
        settle: (answer) => {
          const at = this.#questions.indexOf(question);
          if (at < 0) return;
          this.#questions.splice(at, 1);
          this.#clock.clearTimeout(question.timer);
          resolve(answer);
        },
      };
      this.#questions.push(question);
      this.tell(order);
    });
  }

  /** An order whose answer is not waited for. A server that has suspended data takes it: DTR must drop at any time. */
  tell(order: Uint8Array): void {
    if (!this.isGone) this.#socket.write(encodeSubnegotiation(telnetOption.comPort, order));
  }

  /** Resolves when the server has read all that was written, as far as it tells within half a minute; and when it is gone. */
  drained(): Promise<void> {
    return this.#until(() => this.#marksOut === 0, drainMs);
  }

  /** Nobody waits for what was written any more. Whether the server still tells what it has read is found out anew. */
  discard(): void {
    this.tell(comPort.purgeOutput());
    if (!this.#marksWork) return;
    this.#marksWork = false;
    this.#marksOut = 0;
    void this.#tryMarks();
    this.#changed();
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(octets: Buffer, _encoding: string, done: () => void): void {
    void this.#send(octets).then(done);
  }

  override _final(done: () => void): void {
    this.#socket.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#noteGone();
    this.#socket.destroy();
    done(error);
  }

  #noteGone(): void {
    this.#isGone = true;
    for (const question of [...this.#questions]) question.settle(undefined);
    this.#changed();
  }

  async #send(octets: Buffer): Promise<void> {
    await this.#until(() => !this.#isSuspended);
    if (this.isGone) return;
    const data = encodeData(octets, this.#options.isOn('ours', telnetOption.binary));
    const isTaken = new Promise<void>((resolve) => {
      const mark = this.#marksWork ? this.#mark() : Buffer.alloc(0);
      this.#socket.write(Buffer.concat([data, mark]), () => resolve());
    });
    await isTaken;
    await this.#until(() => this.#marksOut <= marksAhead);
  }

  #mark(): Buffer {
    this.#marksOut++;
    return encodeNegotiation('do', telnetOption.timingMark);
  }

  /** Two at once: a server that answers only one of them would stop the writing later. */
  async #tryMarks(): Promise<void> {
    this.#socket.write(Buffer.concat([this.#mark(), this.#mark()]));
    await this.#until(() => this.#marksOut === 0, negotiationMs);
    this.#marksWork = this.#marksOut === 0;
    this.#marksOut = 0;
  }

  #isComPort(): boolean {
    return (
      this.#options.isOn('ours', telnetOption.comPort) || this.#options.isOn('theirs', telnetOption.comPort)
    );
  }

  #isNegotiated(): boolean {
    const { comPort, binary } = telnetOption;
    return (
      this.#options.isSettled('ours', comPort) &&
      this.#options.isSettled('ours', binary) &&
      this.#options.isSettled('theirs', binary)
    );
  }

  /** A modem that echoes what it is sent would seem to agree to everything. */
  #isEcho(): boolean {
    return this.#firstHeard.equals(this.#opening);
  }

  #receive(octets: Buffer): void {
    const missing = this.#opening.length - this.#firstHeard.length;
    if (missing > 0) this.#firstHeard = Buffer.concat([this.#firstHeard, octets.subarray(0, missing)]);
    for (const item of this.#reader.push(octets)) this.#handle(item);
    this.#changed();
  }

  #handle(item: TelnetItem): void {
    switch (item.kind) {
      case 'data':
        if (!this.push(item.octets)) this.#socket.pause();
        return;
      case 'negotiation':
        this.#heardTelnet = true;
        this.#negotiated(item.verb, item.option);
        return;
      case 'subnegotiation': {
        const message = item.option === telnetOption.comPort ? parseComPort(item.octets) : undefined;
        if (message) this.#told(message);
      }
    }
  }

  #negotiated(verb: Verb, option: number): void {
    if (option === telnetOption.timingMark) {
      if (verb === 'will' || verb === 'wont') this.#marksOut = Math.max(0, this.#marksOut - 1);
      else if (verb === 'do') this.#socket.write(encodeNegotiation('will', option));
      return;
    }
    const answer = this.#options.receive(verb, option);
    if (answer) this.#socket.write(answer);
    if (this.#socket.writableLength > mostUnread) this.destroy(new Error('the port server reads nothing'));
    this.#reader.isBinary = this.#options.isOn('theirs', telnetOption.binary);
  }

  #told(message: ComPortMessage): void {
    if (message.kind === 'suspend') this.#isSuspended = true;
    if (message.kind === 'resume') this.#isSuspended = false;
    if (message.kind === 'modem-state') this.#circuits = message.circuits;
    for (const question of this.#questions) {
      const answer = confirms(question.order, message);
      if (answer === undefined) continue;
      question.settle(answer);
      break;
    }
    this.#listener?.comPort(message);
  }

  #changed(): void {
    for (const look of [...this.#waiting]) look();
  }

  /** Resolves when `isTrue`, when the connection is gone, or after `limitMs`. */
  #until(isTrue: () => boolean, limitMs?: number): Promise<void> {
    if (isTrue() || this.isGone) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        this.#waiting.delete(look);
        this.#clock.clearTimeout(timer);
        resolve();
      };
      const look = () => {
        if (isTrue() || this.isGone) end();
      };
      const timer = limitMs === undefined ? undefined : this.#clock.setTimeout(end, limitMs);
      this.#waiting.add(look);
    });
  }
}
