import type { Timer } from '../../../time/clock.js';
import { cadences } from '../../audio/tone-plan.js';
import { tones } from '../../signals.js';
import type { Plant } from '../plant.js';
import type { Circuits } from '../routing/circuits.js';
import type { LineUse, SubscriberLine } from '../subscriber-line.js';
import type { TalkPath } from '../talk-path.js';

const [{ hz: knockTone, onMs: knockMs, offMs: betweenKnocksMs }] = cadences.callWaiting;

/**
 * A second call to a line that talks: its caller hears ring-back, the called line a short tone every ten seconds. Modems
 * that talk lose each other for the length of that tone, and train anew.
 */
export class Knocking implements LineUse {
  readonly caller: SubscriberLine;
  readonly circuits: Circuits;
  readonly #called: SubscriberLine;
  readonly #path: TalkPath;
  readonly #plant: Plant;
  readonly #givenUp: () => void;
  #knock: Timer;
  #ringBack: Timer;

  constructor(
    parts: {
      readonly caller: SubscriberLine;
      readonly called: SubscriberLine;
      readonly path: TalkPath;
      readonly circuits: Circuits;
    },
    plant: Plant,
    givenUp: () => void,
  ) {
    this.caller = parts.caller;
    this.circuits = parts.circuits;
    this.#called = parts.called;
    this.#path = parts.path;
    this.#plant = plant;
    this.#givenUp = givenUp;
  }

  start(): void {
    const { caller } = this;
    this.#plant.report({ event: 'knocking', line: this.#called.number, other: caller.number });
    caller.engage(this);
    this.#ring();
    this.#sound();
  }

  /** The call goes on otherwise: answered, or ringing after a hang-up. */
  stop(): void {
    this.#plant.clock.clearTimeout(this.#knock);
    this.#plant.clock.clearTimeout(this.#ringBack);
    this.caller.hear(tones.silence);
    this.#path.interject(this.#called, tones.silence);
  }

  /** The caller gives up. */
  released(): void {
    this.stop();
    this.circuits.release();
    this.#givenUp();
  }

  #ring(): void {
    const { ringMs, ringSilenceMs } = this.#plant.timings;
    this.caller.hear(tones.ringBack);
    this.#ringBack = this.#plant.clock.setTimeout(() => {
      this.caller.hear(tones.silence);
      this.#ringBack = this.#plant.clock.setTimeout(() => this.#ring(), ringSilenceMs);
    }, ringMs);
  }

  #sound(): void {
    this.#path.interject(this.#called, knockTone);
    this.#path.retrain(this.#plant.timings.trainingMs);
    this.#knock = this.#plant.clock.setTimeout(() => {
      this.#path.interject(this.#called, tones.silence);
      this.#knock = this.#plant.clock.setTimeout(() => this.#sound(), betweenKnocksMs);
    }, knockMs);
  }
}
