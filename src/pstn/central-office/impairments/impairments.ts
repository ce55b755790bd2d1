/** What is wrong with a line, all of it by the seed. Lengths and intervals are means, drawn exponentially. */
export interface Impairments {
  /** Signal over noise in decibels: how fast modems find the line good enough to go, and what is heard at its end. */
  readonly signalToNoiseDb?: number;
  /** Gilbert and Elliott's channel: now and then a stretch in which bits are wrong at a rate of their own. */
  readonly errorBursts?: ErrorBurstOptions;
  /** The carrier is lost, at both ends. */
  readonly carrierDrops?: { readonly everyMs: number };
  /** The modems train anew. */
  readonly retrains?: { readonly everyMs: number };
  /** What the equipment sounds comes back to it so much later: a hybrid that does not match. Modems cancel it, and ears and digit receivers do not. */
  readonly echoMs?: number;
  /** The pair is cut. */
  readonly isDead?: boolean;
  /** A receiver beside its cradle, or a short circuit: the loop is closed whatever the equipment does. */
  readonly isStuckOffHook?: boolean;
}

export interface ErrorBurstOptions {
  /** Of line time in which octets pass, from the end of a burst to the next. */
  readonly everyMs: number;
  readonly lengthMs: number;
  /** Within a burst. */
  readonly bitErrorRate: number;
}

const v34SymbolRate = 3_429;
const rateStep = 2_400;
const slowestRate = 300;
/** Coded modulation stays so many decibels behind Shannon's limit at a usable error rate. */
const shannonGapDb = 6;

/**
 * bit/s that V.34 gets through noise: Shannon's limit at its highest symbol rate, 6 dB off, in its steps of 2,400 bit/s.
 * 38 dB gives 33,600, 30 dB 26,400, 20 dB 14,400.
 */
export function rateThroughNoise(signalToNoiseDb: number): number {
  const usable = 10 ** ((signalToNoiseDb - shannonGapDb) / 10);
  const steps = Math.floor((v34SymbolRate * Math.log2(1 + usable)) / rateStep);
  return Math.max(slowestRate, steps * rateStep);
}
