import { type DtmfSymbol, type ToneHz, tones } from '../signals.js';

/** One sound: `hz` for `onMs`, then `offMs` of silence. */
export interface Burst {
  readonly hz: ToneHz;
  readonly onMs: number;
  readonly offMs: number;
}

/** A sound that goes on until it is no longer wanted. */
const endless = Number.POSITIVE_INFINITY;

/** Cadences of the North American plan, to be repeated as they stand (telephony reference 4.2). */
export const cadences = {
  dial: [{ hz: tones.dial, onMs: endless, offMs: 0 }],
  ringBack: [{ hz: tones.ringBack, onMs: 2_000, offMs: 4_000 }],
  busy: [{ hz: tones.busyOrReorder, onMs: 500, offMs: 500 }],
  reorder: [{ hz: tones.busyOrReorder, onMs: 250, offMs: 250 }],
  callWaiting: [{ hz: [440], onMs: 300, offMs: 10_000 }],
  /** A receiver off the hook. */
  howler: [{ hz: [1400, 2060, 2450, 2600], onMs: 100, offMs: 100 }],
} as const satisfies Record<string, readonly Burst[]>;

/**
 * What a special information tone says before the voice does: the first two sounds are low or high and short or long
 * (Bellcore's coding); the third is the same for all.
 */
export type SitKind =
  | 'intercept'
  | 'vacant-code'
  | 'reorder'
  /** In the network of a long-distance carrier; so the next but one. */
  | 'reorder-carrier'
  | 'no-circuit'
  | 'no-circuit-carrier'
  | 'ineffective-other';

const [lowFirst, highFirst] = [914, 985];
const [lowSecond, highSecond] = [1371, 1429];
const third = 1777;
const [short, long] = [274, 380];

function sit(firstHz: number, firstMs: number, secondHz: number, secondMs: number): readonly Burst[] {
  return [
    { hz: [firstHz], onMs: firstMs, offMs: 0 },
    { hz: [secondHz], onMs: secondMs, offMs: 0 },
    { hz: [third], onMs: long, offMs: 0 },
  ];
}

export const specialInformationTones: Readonly<Record<SitKind, readonly Burst[]>> = {
  intercept: sit(lowFirst, short, lowSecond, short),
  'vacant-code': sit(highFirst, long, lowSecond, short),
  reorder: sit(lowFirst, short, highSecond, long),
  'reorder-carrier': sit(highFirst, short, lowSecond, long),
  'no-circuit': sit(highFirst, long, highSecond, long),
  'no-circuit-carrier': sit(lowFirst, long, lowSecond, long),
  'ineffective-other': sit(lowFirst, long, highSecond, short),
};

/** By frequencies, in dBm0 for each. */
const levels = new Map(
  (
    [
      [tones.dial, -13],
      [tones.ringBack, -19],
      [tones.busyOrReorder, -24],
      [cadences.callWaiting[0].hz, -13],
      // As loud as four sines at once can be without being clipped; the plan has 0.
      [cadences.howler[0].hz, -9],
      ...[lowFirst, highFirst, lowSecond, highSecond, third].map((hz) => [[hz], -24] as const),
    ] as const
  ).map(([hz, level]) => [hz.join('+'), level]),
);

/** What a modem plays, and answer tone: what its own transmitter gives (V.25 and T.30 ask -9 to -12 dBm0). */
const otherLevel = -10;

/** @returns the level of each of the frequencies, in dBm0 */
export function toneLevel(tone: ToneHz): number {
  return levels.get(tone.join('+')) ?? otherLevel;
}

export const dtmfRows = [697, 770, 852, 941] as const;
export const dtmfColumns = [1209, 1336, 1477, 1633] as const;

/** By row and column (Q.23). */
export const dtmfKeys = ['123A', '456B', '789C', '*0#D'] as const;

/** In dBm0, the row's and the column's; the high group is sent 2 dB stronger, for cables attenuate it more. */
export const dtmfLevels = { row: -11, column: -9 } as const;

export function dtmfPair(symbol: DtmfSymbol): { readonly row: number; readonly column: number } {
  const row = dtmfKeys.findIndex((keys) => keys.includes(symbol));
  const column = dtmfKeys[row]?.indexOf(symbol) ?? 0;
  return { row: dtmfRows[row] ?? 0, column: dtmfColumns[column] ?? 0 };
}
