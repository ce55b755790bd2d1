/** How long the exchange takes over each thing, in milliseconds. The README tells where each figure is from. */
export interface Timings {
  /** Off-hook to dial tone. */
  readonly dialToneDelayMs: number;
  /** Stutter dial tone's bursts, and the pauses between them. */
  readonly recallBurstMs: number;
  /** Dial tone without a digit; reorder tone follows. */
  readonly firstDigitMs: number;
  /** Since the last digit of an incomplete number. */
  readonly interDigitMs: number;
  /** A shorter DTMF burst is no digit (fault 42). */
  readonly shortestDigitMs: number;
  /** Last digit to ring-back or busy tone: of a local call, and of those over longer routes. */
  readonly postDialDelayMs: number;
  readonly longDistancePostDialDelayMs: number;
  readonly internationalPostDialDelayMs: number;
  readonly ringMs: number;
  readonly ringSilenceMs: number;
  /** A modem's answering to its answer tone, and how long that sounds. */
  readonly answerSilenceMs: number;
  readonly answerToneMs: number;
  /** Both modems sending to carrier. */
  readonly trainingMs: number;
  readonly busyMs: number;
  readonly reorderMs: number;
  readonly howlerMs: number;
  /** The far end's hanging up to dial tone on a line that stays off-hook. */
  readonly redialDelayMs: number;
  /** A shorter opening of the loop in the middle of a call is a hit on the line. */
  readonly shortestFlashMs: number;
  /** A longer one is a hang-up, on a line with flash services. */
  readonly longestFlashMs: number;
  /** How long what was sent before a hang-up may wait for a far modem that takes no octets. */
  readonly carrierDrainMs: number;
}

export const defaultTimings: Timings = {
  dialToneDelayMs: 300,
  recallBurstMs: 100,
  firstDigitMs: 16_000,
  interDigitMs: 5_000,
  shortestDigitMs: 40,
  postDialDelayMs: 1_000,
  longDistancePostDialDelayMs: 3_000,
  internationalPostDialDelayMs: 6_000,
  ringMs: 2_000,
  ringSilenceMs: 4_000,
  answerSilenceMs: 2_000,
  answerToneMs: 3_300,
  trainingMs: 6_000,
  busyMs: 60_000,
  reorderMs: 30_000,
  howlerMs: 30_000,
  redialDelayMs: 10_000,
  shortestFlashMs: 200,
  longestFlashMs: 1_100,
  carrierDrainMs: 5_000,
};

/** At scale 0 a line that nobody answers would otherwise ring without end in no time at all. */
const shortestRingMs = 20;

/**
 * `timings` at `timeScale`: what callers only wait for becomes shorter. What a program's own timers are
 * measured against (digits, tones, release) stays as it is.
 */
export function scaledTimings(timings: Timings, timeScale: number): Timings {
  return {
    ...timings,
    dialToneDelayMs: timings.dialToneDelayMs * timeScale,
    postDialDelayMs: timings.postDialDelayMs * timeScale,
    longDistancePostDialDelayMs: timings.longDistancePostDialDelayMs * timeScale,
    internationalPostDialDelayMs: timings.internationalPostDialDelayMs * timeScale,
    ringMs: Math.max(timings.ringMs * timeScale, shortestRingMs),
    ringSilenceMs: Math.max(timings.ringSilenceMs * timeScale, 2 * shortestRingMs),
    answerSilenceMs: timings.answerSilenceMs * timeScale,
    answerToneMs: timings.answerToneMs * timeScale,
    trainingMs: timings.trainingMs * timeScale,
  };
}
