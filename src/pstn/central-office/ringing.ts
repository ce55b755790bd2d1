import type { Timer } from '../../time/clock.js';
import { type CallerId, tones } from '../signals.js';
import type { CallerIdSetting } from './line-settings.js';
import type { Plant } from './plant.js';
import { ringPattern } from './ring-patterns.js';
import type { Circuits } from './routing/circuits.js';
import type { LineUse, SubscriberLine } from './subscriber-line.js';

export interface RingingListener {
  answered(caller: SubscriberLine, called: SubscriberLine, circuits: Circuits): void;
}

/** One line calls another, from seizure of the called line to its answer or the caller's hanging up. */
export class Ringing implements LineUse {
  readonly called: SubscriberLine;
  readonly #plant: Plant;
  readonly #circuits: Circuits;
  readonly #listener: RingingListener;
  #caller: SubscriberLine;
  #cycles = 0;
  #timer: Timer;

  constructor(
    ends: { readonly caller: SubscriberLine; readonly called: SubscriberLine; readonly circuits: Circuits },
    plant: Plant,
    listener: RingingListener,
  ) {
    this.#caller = ends.caller;
    this.called = ends.called;
    this.#circuits = ends.circuits;
    this.#plant = plant;
    this.#listener = listener;
  }

  /**
   * The ringing current is common to all lines and is met at some point of its cycle. Until the first burst a
   * called line that goes off-hook to dial takes the call instead: glare (fault 44).
   */
  start(): void {
    const { ringMs, ringSilenceMs } = this.#plant.timings;
    this.#plant.report({ event: 'ringing', line: this.#caller.number, called: this.called.number });
    this.#caller.engage(this);
    this.called.engage(this);
    this.#after(this.#plant.chance() * (ringMs + ringSilenceMs), () => this.#burst());
  }

  /** Somebody else waits for the answer from now on. The present caller is free already. */
  handTo(caller: SubscriberLine, circuits: Circuits): void {
    this.#caller = caller;
    this.#circuits.absorb(circuits);
    caller.engage(this);
  }

  answered(): void {
    this.#stop();
    this.#listener.answered(this.#caller, this.called, this.#circuits);
  }

  /** The caller gives up: a called line is on-hook, so it cannot be the one. */
  released(): void {
    this.#stop();
    this.called.engage(undefined);
    this.#circuits.release();
  }

  #burst(): void {
    this.#cycles++;
    if (this.#cycles === 1) this.#plant.report({ event: 'rings', line: this.called.number });
    this.#caller.hear(tones.ringBack);
    this.#ring(true, ringPattern(this.called.settings.ring ?? 'r1', this.#plant.timings.ringMs));
  }

  /** Bursts and short pauses by turns; ring-back is one burst over all of them. */
  #ring(on: boolean, [lengthMs, ...rest]: readonly number[]): void {
    if (lengthMs === undefined) {
      this.#pause();
      return;
    }
    this.called.ring(on);
    this.#after(lengthMs, () => this.#ring(!on, rest));
  }

  #pause(): void {
    const { ringSilenceMs } = this.#plant.timings;
    this.#caller.hear(tones.silence);
    this.called.ring(false);
    const idAfterMs = this.#cycles === 1 ? ringSilenceMs / 4 : 0;
    this.#after(idAfterMs, () => {
      if (this.#cycles === 1) this.#sendCallerId();
      this.#after(ringSilenceMs - idAfterMs, () => this.#burst());
    });
  }

  #sendCallerId(): void {
    const id = presentedId(this.#caller.number, this.#caller.settings.callerId);
    if (!id || this.called.isCut) return;
    this.called.tell((equipment) => {
      if (this.called.use === this) equipment.callerId(id);
    });
  }

  #stop(): void {
    this.#plant.clock.clearTimeout(this.#timer);
    this.#caller.hear(tones.silence);
    this.called.ring(false);
  }

  #after(delayMs: number, run: () => void): void {
    this.#timer = this.#plant.clock.setTimeout(run, delayMs);
  }
}

function presentedId(number: string, setting: CallerIdSetting): CallerId | undefined {
  if (setting === 'none') return undefined;
  if (setting === 'number') return { kind: 'number', number };
  return typeof setting === 'string' ? { kind: setting } : { kind: 'number', ...setting };
}
