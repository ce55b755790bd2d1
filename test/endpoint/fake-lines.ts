import { EventEmitter } from 'node:events';
import { Duplex } from 'node:stream';
import type {
  ConnectResult,
  DataConnection,
  Modem,
  ModemEvents,
  TransferResult,
} from '../../src/pstn/modem/modem.js';

/** One end of an octet stream with back-pressure; what is written here is read there. */
class Side extends Duplex {
  other: Side | undefined;
  #taken: (() => void) | undefined;
  #hasEnded = false;

  override _read(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
  }

  override _write(octets: Buffer, _: BufferEncoding, done: () => void): void {
    const { other } = this;
    if (other && !other.#hasEnded) other.#take(octets, done);
    else done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.other) this.other.#end();
    this.#hasEnded = true;
    this._read();
    done(error);
  }

  /** Resolves when the far side has read what was written, or is gone. */
  async release(): Promise<void> {
    while (this.writableLength > 0 && !this.destroyed && !this.other?.destroyed)
      await new Promise(setImmediate);
    this.destroy();
  }

  #take(octets: Buffer, done: () => void): void {
    this.#taken = done;
    this.push(octets);
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.push(null);
  }
}

/** A modem without a telephone network: it dials the one modem at the other end. */
export class FakeModem extends EventEmitter<ModemEvents> implements Modem {
  readonly url = 'sim:fake';
  readonly dialled: string[] = [];
  /** What dialling comes to, when it is not a connection. */
  dialResult: ConnectResult | undefined;
  peer: FakeModem | undefined;
  isOffHook = false;
  #side: Side | undefined;
  #answered: (() => void) | undefined;

  async dial(number: string): Promise<ConnectResult> {
    this.dialled.push(number);
    this.isOffHook = true;
    if (this.dialResult) return this.dialResult;
    const { peer } = this;
    if (!peer) return { kind: 'no-answer' };
    const answered = new Promise<void>((resolve) => {
      peer.#answered = resolve;
    });
    // A listener may come a little later than the first RING.
    const ringing = setInterval(() => peer.emit('ring', 1), 5);
    await answered;
    clearInterval(ringing);
    [this.#side, peer.#side] = [new Side(), new Side()];
    this.#side.other = peer.#side;
    peer.#side.other = this.#side;
    return this.#connected();
  }

  async answerData(): Promise<ConnectResult> {
    if (!this.#answered) return { kind: 'no-carrier' };
    this.isOffHook = true;
    this.#answered();
    this.#answered = undefined;
    while (!this.#side) await new Promise(setImmediate);
    return this.#connected();
  }

  async hangUp(): Promise<void> {
    const side = this.#side;
    this.#side = undefined;
    await side?.release();
    this.isOffHook = false;
  }

  #connected(): ConnectResult {
    const side = this.#side;
    if (!side) throw new Error('no connection');
    const connection: DataConnection = {
      description: 'CONNECT 33600',
      rate: 33_600,
      octets: side,
      hangUp: () => this.hangUp(),
    };
    return { kind: 'connected', connection };
  }

  answerVoice(): Promise<ConnectResult> {
    throw new Error('an endpoint does not speak');
  }

  transfer(): Promise<TransferResult> {
    throw new Error('an endpoint hands nobody over');
  }

  play(): Promise<void> {
    throw new Error('an endpoint plays no recordings');
  }

  playTone(): Promise<void> {
    throw new Error('an endpoint plays no tones');
  }

  async close(): Promise<void> {
    await this.hangUp();
  }
}

/** Two modems, each at the other's end of the line. */
export function twoModems(): [FakeModem, FakeModem] {
  const pair: [FakeModem, FakeModem] = [new FakeModem(), new FakeModem()];
  pair[0].peer = pair[1];
  pair[1].peer = pair[0];
  return pair;
}
