import type { Settings } from './settings.js';

/** What `&W0` and `&W1` have stored; the factory's before. */
export class ProfileStore {
  readonly #stored: Settings[];

  constructor(factory: Settings) {
    this.#stored = [factory.copy(), factory.copy()];
  }

  /** False when there is no such profile. */
  store(number: number, settings: Settings): boolean {
    const slot = this.#slot(number, settings);
    if (slot === undefined) return false;
    this.#stored[slot] = settings.copy();
    return true;
  }

  /** Undefined when there is no such profile. */
  recall(number: number, present: Settings): Settings | undefined {
    const slot = this.#slot(number, present);
    return slot === undefined ? undefined : this.#stored[slot]?.copy();
  }

  dump(): string {
    return this.#stored.map((settings, slot) => `STORED PROFILE ${slot}:\r\n${settings.dump()}`).join('\r\n');
  }

  #slot(number: number, { profile }: Settings): number | undefined {
    if (number < this.#stored.length) return number;
    return profile.beyondStoredProfiles === 'profile 0' ? 0 : undefined;
  }
}
