/** One key of a sixteen-key telephone (Q.23). */
export type DtmfSymbol =
  | '0'
  | '1'
  | '2'
  | '3'
  | '4'
  | '5'
  | '6'
  | '7'
  | '8'
  | '9'
  | '*'
  | '#'
  | 'A'
  | 'B'
  | 'C'
  | 'D';

/** The frequencies in hertz that sound at once, ascending; empty is silence. */
export type ToneHz = readonly number[];

/** North American precise tone plan: frequencies only, the cadence is the sender's. */
export const tones = {
  silence: [],
  dial: [350, 440],
  ringBack: [440, 480],
  /** Busy is 500 ms on, 500 ms off; reorder the same tone 250/250. */
  busyOrReorder: [480, 620],
  answer: [2100],
} as const satisfies Record<string, ToneHz>;

/** What the called line learns of the caller (CM-290). */
export type CallerId =
  | { readonly kind: 'number'; readonly number: string; readonly name?: string }
  | { readonly kind: 'withheld' }
  | { readonly kind: 'unavailable' };
