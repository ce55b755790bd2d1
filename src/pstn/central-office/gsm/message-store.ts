import type { Address } from '../../sms/address.js';
import type { Tpdu } from '../../sms/tpdu.js';

/** In the order of 27.005: 0 to 3. */
export const storeStates = ['REC UNREAD', 'REC READ', 'STO UNSENT', 'STO SENT'] as const;
export type StoreState = (typeof storeStates)[number];

export interface StoredMessage {
  readonly state: StoreState;
  readonly tpdu: Tpdu;
  readonly serviceCentre: Address | undefined;
}

/** Numbered places, 1 and up; the lowest free one is taken. */
export class MessageStore {
  readonly #places: (StoredMessage | undefined)[];

  constructor(size: number) {
    this.#places = new Array<undefined>(size).fill(undefined);
  }

  get size(): number {
    return this.#places.length;
  }

  get used(): number {
    return this.#places.filter((message) => message !== undefined).length;
  }

  /** The place, or undefined when all are taken. */
  add(message: StoredMessage): number | undefined {
    const at = this.#places.indexOf(undefined);
    if (at < 0) return undefined;
    this.#places[at] = message;
    return at + 1;
  }

  get(place: number): StoredMessage | undefined {
    return this.#places[place - 1];
  }

  has(place: number): boolean {
    return place >= 1 && place <= this.#places.length;
  }

  setState(place: number, state: StoreState): void {
    const message = this.get(place);
    if (message) this.#places[place - 1] = { ...message, state };
  }

  remove(place: number): void {
    if (this.has(place)) this.#places[place - 1] = undefined;
  }

  list(): readonly (readonly [place: number, message: StoredMessage])[] {
    return this.#places.flatMap((message, index) => (message ? [[index + 1, message] as const] : []));
  }
}
