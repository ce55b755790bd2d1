/**
 * Bursts of ringing and the pauses between them, in milliseconds, before the long silence: those of North America
 * (GR-506, as Sipura and Linksys adapters name them: Bellcore-r1 to r4).
 */
export const ringPatterns = {
  r1: [2000],
  r2: [800, 400, 800],
  r3: [400, 200, 400, 200, 800],
  r4: [300, 200, 1000, 200, 300],
} as const satisfies Record<string, readonly number[]>;

export type RingPattern = keyof typeof ringPatterns;

export const ringPatternNames = Object.keys(ringPatterns) as RingPattern[];

/** The usual burst, by which the others are scaled. */
const [usualMs] = ringPatterns.r1;

/** @param ringMs the usual burst at the network's time scale */
export function ringPattern(name: RingPattern, ringMs: number): readonly number[] {
  return ringPatterns[name].map((lengthMs) => (lengthMs * ringMs) / usualMs);
}
