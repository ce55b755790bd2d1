import type { Clock } from '../../../time/clock.js';
import type { CallerId } from '../../signals.js';
import { type CallerIdForm, callerIdLines } from './caller-id.js';
import { OneShot } from './one-shot.js';
import { RingCounter } from './ring-counter.js';
import type { Settings } from './settings.js';

export interface IncomingCallEvents {
  /** S1 has changed. */
  counted(rings: number): void;
  /** RING is due. */
  ring(): void;
  /** `+VDR`, caller ID */
  inform(text: string): void;
  /** S0 is reached. */
  answer(): void;
}

/** A distinctive pattern has up to three bursts (long; two short; short, long, short and others). */
const longestPattern = 3;

/** The bursts of ringing on an idle modem: RING, their count, their cadence (`+VDR`), and who calls. */
export class IncomingCall {
  readonly #clock: Clock;
  readonly #settings: () => Settings;
  readonly #events: IncomingCallEvents;
  readonly #counter: RingCounter;
  readonly #lateRing: OneShot;
  #changedMs = 0;
  /** Bursts that wait for their RING. */
  #untold = 0;
  #last: { readonly id: CallerId; readonly utcMs: number } | undefined;
  #caller: CallerId | undefined;

  constructor(parts: { readonly clock: Clock; settings(): Settings; readonly events: IncomingCallEvents }) {
    this.#clock = parts.clock;
    this.#settings = parts.settings;
    this.#events = parts.events;
    this.#counter = new RingCounter(parts.clock, (rings) => {
      if (rings === 0) this.#caller = undefined;
      parts.events.counted(rings);
    });
    this.#lateRing = new OneShot(parts.clock);
  }

  get rings(): number {
    return this.#counter.rings;
  }

  /** As far as the exchange has told. */
  get caller(): CallerId | undefined {
    return this.#caller;
  }

  /** A burst or the pause after it. */
  get isRinging(): boolean {
    return this.rings > 0;
  }

  /** @param isIdle the modem is on-hook and would tell; a burst is counted all the same */
  ringing(on: boolean, isIdle: boolean): void {
    const nowMs = this.#clock.monotonicMs();
    const lengthMs = nowMs - this.#changedMs;
    this.#changedMs = nowMs;
    if (on) this.#burst(isIdle, lengthMs);
    else if (isIdle) this.#silence(lengthMs);
  }

  callerId(id: CallerId, isIdle: boolean): void {
    this.#caller = id;
    this.#last = { id, utcMs: this.#clock.utcMs() };
    const form = this.#settings().first('+VCID');
    if (isIdle && form !== 0) this.repeatCallerId(form === 2 ? 'raw' : 'formatted');
  }

  /** `+VRID`: of the last call that told one. */
  repeatCallerId(form: CallerIdForm): void {
    if (!this.#last) return;
    const { id, utcMs } = this.#last;
    for (const line of callerIdLines(id, utcMs, form)) this.#events.inform(line);
  }

  clear(): void {
    this.#untold = 0;
    this.#lateRing.stop();
    this.#counter.clear();
  }

  #burst(isIdle: boolean, silenceMs: number): void {
    const [reportsCadence] = this.#settings().extended('+VDR');
    const isFirst = !this.isRinging;
    if (this.#lateRing.running && this.#untold >= longestPattern) this.#tell();
    this.#lateRing.stop();
    this.#counter.count();
    if (!isIdle) return;
    if (reportsCadence !== 1) this.#tell();
    else if (!isFirst) this.#events.inform(`DROF=${tenths(silenceMs)}`);
    const { ringsToAnswer } = this.#settings().registers;
    if (ringsToAnswer > 0 && this.rings >= ringsToAnswer) this.#events.answer();
  }

  /** V.253 10.3.1: RING comes so many tenths of a second behind the last burst of a pattern, so that a double burst has one. */
  #silence(burstMs: number): void {
    const [reportsCadence, ringAfter = 0] = this.#settings().extended('+VDR');
    if (reportsCadence !== 1) return;
    this.#events.inform(`DRON=${tenths(burstMs)}`);
    this.#untold += 1;
    if (ringAfter > 0) this.#lateRing.start(ringAfter * 100, () => this.#tell());
  }

  #tell(): void {
    this.#untold = 0;
    this.#lateRing.stop();
    this.#events.ring();
  }
}

function tenths(lengthMs: number): number {
  return Math.round(lengthMs / 100);
}
