import type { Clock } from '../../../time/clock.js';
import { OneShot } from './one-shot.js';
import type { Registers } from './registers.js';

const length = 3;

/**
 * The Hayes escape: silence for S12, three octets S2, silence for S12. Looks at the time between chunks and
 * at chunks of three octets or fewer, so the data path pays nothing. What it watches has been sent on: the
 * three octets reach the far end, as with real modems.
 */
export class EscapeDetector {
  readonly #clock: Clock;
  readonly #guard: OneShot;
  readonly #escaped: () => void;
  #count = 0;
  #lastMs = 0;
  #moreWaits = false;

  constructor(clock: Clock, escaped: () => void) {
    this.#clock = clock;
    this.#guard = new OneShot(clock);
    this.#escaped = escaped;
  }

  /** From here on the silence counts. */
  start(): void {
    this.stop();
    this.#moreWaits = false;
    this.#lastMs = this.#clock.monotonicMs();
  }

  stop(): void {
    this.#guard.stop();
    this.#count = 0;
  }

  /** @param moreWaits the program has more to send that the modem has not taken: the pause is not silence */
  observe(octets: Uint8Array, moreWaits: boolean, registers: Registers): void {
    const nowMs = this.#clock.monotonicMs();
    const gapMs = this.#moreWaits ? 0 : nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    this.#moreWaits = moreWaits;
    this.#guard.stop();
    if (moreWaits || !isEscape(octets, registers)) {
      this.#count = 0;
      return;
    }
    const guardMs = registers.escapeGuardMs;
    const continues = this.#count > 0 && gapMs < guardMs;
    if (!continues && gapMs < guardMs) return;
    this.#count = (continues ? this.#count : 0) + octets.length;
    if (this.#count === length) this.#guard.start(guardMs, this.#escaped);
  }
}

/** S2 above 127, and a guard time of none, switch the escape off: any data may then pass. */
function isEscape(octets: Uint8Array, { escapeCharacter, escapeGuardMs }: Registers): boolean {
  if (octets.length > length || escapeCharacter > 127 || escapeGuardMs === 0) return false;
  return octets.every((octet) => octet === escapeCharacter);
}
