import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import type {
  ConnectResult,
  DataConnection,
  Modem,
  ModemEvents,
  TransferResult,
} from '../../src/pstn/modem/modem.js';
import type { DtmfSymbol, ToneHz } from '../../src/pstn/signals.js';
import { type Clock, wait } from '../../src/time/clock.js';
import { duplexPair } from './duplex-pair.js';

export type FakeResult = Exclude<ConnectResult['kind'], 'connected' | 'answered' | 'refused-by-modem'>;

/** What the next `dial` or `answerData` comes to, after how long. `never`: the modem hangs (fault 41). */
export interface Script {
  readonly result: FakeResult | 'connected' | 'never';
  readonly afterMs: number;
}

/** A modem without a line: it does what the test scripted, on the test's clock, and notes what it was told. */
export class FakeModem implements Modem {
  readonly url: string;
  /** `300 tone 350,440 2000`, with the time in milliseconds. */
  readonly journal: string[] = [];
  dialling: Script = { result: 'connected', afterMs: 10_000 };
  answering: Script = { result: 'connected', afterMs: 8_000 };
  /** What `transfer` comes to, after how long. */
  transferring: { readonly result: TransferResult['kind'] | 'never'; readonly afterMs: number } = {
    result: 'joined',
    afterMs: 12_000,
  };
  /** A modem without voice commands, or one that says nothing. */
  voice: 'answers' | 'refuses' | 'never' = 'answers';
  /** `ignored`: back at once, as from a modem that is no longer on the line. */
  tones: 'played' | 'rejected' | 'ignored' = 'played';
  hangsUp = true;
  isOnHook = true;
  isClosed = false;
  /** The other end of the connection that stands. */
  far: Duplex | undefined;
  #near: Duplex | undefined;
  readonly #clock: Clock;
  readonly #events = new EventEmitter();

  constructor(clock: Clock, url: string) {
    this.#clock = clock;
    this.url = url;
  }

  on<E extends keyof ModemEvents>(event: E, listener: (...args: ModemEvents[E]) => void): this {
    this.#events.on(event, listener);
    return this;
  }

  off<E extends keyof ModemEvents>(event: E, listener: (...args: ModemEvents[E]) => void): this {
    this.#events.off(event, listener);
    return this;
  }

  // ---- what the test makes happen ----

  emit<E extends keyof ModemEvents>(event: E, ...args: ModemEvents[E]): void {
    this.#events.emit(event, ...args);
  }

  /** A ring with the caller's number after it. */
  ring(ani: string): void {
    this.emit('ring', 1);
    this.emit('callerId', { kind: 'number', number: ani });
  }

  keys(symbols: string): void {
    for (const symbol of symbols) this.emit('digit', symbol as DtmfSymbol);
  }

  /** The adapter is pulled: the call's stream ends, then the driver says so. */
  lose(): void {
    this.far?.end();
    this.emit('lost', new Error('unplugged'));
  }

  /** How many listeners are left on the modem. */
  listeners(): number {
    const events = ['ring', 'callerId', 'digit', 'farEndGone', 'lost'] as const;
    return events.reduce((sum, event) => sum + this.#events.listenerCount(event), 0);
  }

  // ---- Modem ----

  dial(number: string, options: { readonly signal?: AbortSignal }): Promise<ConnectResult> {
    return this.#call(`dial ${number}`, this.dialling, options.signal);
  }

  answerData(options: { readonly signal?: AbortSignal }): Promise<ConnectResult> {
    return this.#call('answerData', this.answering, options.signal);
  }

  async answerVoice(): Promise<ConnectResult> {
    this.#note('answerVoice');
    if (this.voice === 'never') return new Promise(() => {});
    if (this.voice === 'refuses') return { kind: 'refused-by-modem', command: 'AT+FCLASS=8' };
    this.isOnHook = false;
    return { kind: 'answered' };
  }

  async transfer(number: string): Promise<TransferResult> {
    this.#note(`transfer ${number}`);
    const { result, afterMs } = this.transferring;
    if (result === 'never') return new Promise(() => {});
    await wait(this.#clock, afterMs);
    return { kind: result };
  }

  async playTone(tone: ToneHz, lengthMs: number): Promise<void> {
    this.#note(`tone ${tone.join()} ${lengthMs}`);
    if (this.tones === 'rejected') throw new Error('no +VTS');
    if (this.tones === 'played') await wait(this.#clock, lengthMs);
  }

  async play(samples: Int16Array): Promise<void> {
    this.#note(`play ${samples.length}`);
    await wait(this.#clock, samples.length / 8);
  }

  async hangUp(): Promise<void> {
    this.#note('hangUp');
    if (!this.hangsUp) return new Promise(() => {});
    await wait(this.#clock, 200);
    this.isOnHook = true;
    // What the far end has not taken by now is lost.
    this.#near?.destroy();
    this.far?.end();
    this.far = undefined;
  }

  async close(): Promise<void> {
    this.#note('close');
    this.isOnHook = true;
    this.isClosed = true;
  }

  async #call(what: string, script: Script, signal?: AbortSignal): Promise<ConnectResult> {
    this.#note(what);
    this.isOnHook = false;
    const aborted = new Promise<'aborted'>((resolve) => {
      signal?.addEventListener('abort', () => resolve('aborted'), { once: true });
    });
    const ended =
      script.result === 'never' ? new Promise<never>(() => {}) : wait(this.#clock, script.afterMs);
    if ((await Promise.race([ended, aborted])) === 'aborted') return { kind: 'no-carrier' };
    if (script.result === 'connected') return { kind: 'connected', connection: this.#connection() };
    this.isOnHook = true;
    return { kind: script.result as FakeResult };
  }

  #connection(): DataConnection {
    const [near, far] = duplexPair();
    this.#near = near;
    this.far = far;
    return {
      description: 'CONNECT 33600',
      rate: 33_600,
      octets: near,
      hangUp: async () => {
        if (!near.writableFinished) await new Promise<void>((finished) => near.end(finished));
        await this.hangUp();
      },
    };
  }

  #note(what: string): void {
    this.journal.push(`${Math.round(this.#clock.monotonicMs())} ${what}`);
  }
}
