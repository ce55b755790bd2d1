import type { Impairments } from './impairments/impairments.js';
import type { RingPattern } from './ring-patterns.js';

/**
 * What a line has beyond plain calls, each worked by a hook-flash: a second call that knocks, a call of its own to a third
 * party and the joining of all three, and leaving those two joined by hanging up.
 */
export type LineService = 'call-waiting' | 'three-way' | 'transfer';

/** What a calling line lets the called one know: its number, one of the two reasons for none, or nothing at all. */
export type CallerIdSetting =
  | 'number'
  | 'withheld'
  | 'unavailable'
  | 'none'
  | { readonly number: string; readonly name?: string };

export interface LineSettings {
  readonly number: string;
  /** bit/s, the best data carrier that the line bears. */
  readonly rate: number;
  /** One way, from the equipment to the exchange. */
  readonly delayMs: number;
  readonly bitErrorRate: number;
  readonly callerId: CallerIdSetting;
  /** Distinctive ringing; the usual pattern when left out. */
  readonly ring?: RingPattern;
  readonly services?: readonly LineService[];
  readonly impairments?: Impairments;
}
