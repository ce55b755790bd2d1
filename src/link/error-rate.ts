import { checkLength, maxBlockSegments, maxFrameSegments, segmentLength } from './frames.js';

/** Least weight of the newest gap in the running mean of the gaps' logarithms. */
const leastWeight = 1 / 8;
/** The mean of the logarithm of an exponential gap lies this far (Euler's constant) below the logarithm of its mean. */
const bias = 0.5772;

/**
 * The line's bit error rate, from the bits between damaged blocks. The mean is taken over logarithms, so that it
 * follows a line that turns from 1e-7 to 1e-4 within some twenty errors; an error-free stretch of n bits speaks for
 * a gap of at least n / 2.
 */
export class ErrorRate {
  #logGap: number;
  #bitsAtError = 0;
  /** How many gaps the mean is of. */
  #gaps: number;

  /**
   * @param assumedGapBits between errors, as long as none has shown itself
   * @param assumedGaps how many gaps that weighs as much as
   */
  constructor(assumedGapBits: number, assumedGaps: number) {
    this.#logGap = Math.log(assumedGapBits);
    this.#gaps = assumedGaps;
  }

  /** A block was lost whose end was the `bits`-th bit sent. */
  lost(bits: number): void {
    const gap = Math.max(1, bits - this.#bitsAtError);
    const before = Math.log(this.#meanGap(bits));
    const weight = Math.max(leastWeight, 1 / ++this.#gaps);
    this.#logGap = before + weight * (Math.log(gap) + bias - before);
    this.#bitsAtError = bits;
  }

  /** @param bits how many have been sent and spoken for in all */
  perBit(bits: number): number {
    return 1 / this.#meanGap(bits);
  }

  #meanGap(bits: number): number {
    return Math.max(Math.exp(this.#logGap), (bits - this.#bitsAtError) / 2);
  }
}

/** Octets of one frame and of its blocks, in segments. */
export interface FrameSizes {
  readonly blockSegments: number;
  readonly frameSegments: number;
}

export const longSizes: FrameSizes = { blockSegments: maxBlockSegments, frameSegments: maxBlockSegments };
/** For lines on which they neither take long nor fill the window. */
export const largestSizes: FrameSizes = { blockSegments: maxBlockSegments, frameSegments: maxFrameSegments };

/** Blocks of one frame share its header, which is then a tenth of what their checks cost. */
const blocksPerFrame = 16;
/** Bits of a frame's headers. */
const headerBits = 80;

/**
 * A block of n bits costs its 32 bits of check and, with probability n times the error rate, itself; the sum is
 * least at n = sqrt(32 / rate). The power of two nearest to it costs at most 6 % more of that sum. A lost octet
 * breaks the frame from there on, half of it in the mean: a frame of n bits is best at sqrt(2 * header / breaks).
 */
export function sizesFor(errorsPerBit: number, breaksPerBit: number, mostSegments: number): FrameSizes {
  const bestOctets = Math.sqrt((8 * checkLength) / errorsPerBit) / 8;
  const exponent = Math.round(Math.log2(bestOctets / segmentLength));
  const blockSegments = 2 ** Math.min(Math.max(exponent, 0), Math.log2(maxBlockSegments));
  const unbroken = Math.sqrt((2 * headerBits) / breaksPerBit) / 8 / segmentLength;
  const blocks = Math.min(blocksPerFrame, Math.max(1, Math.floor(unbroken / blockSegments)));
  return { blockSegments, frameSegments: Math.min(mostSegments, blockSegments * blocks) };
}
