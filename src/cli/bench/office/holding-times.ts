import type { Uniform } from '../../../pstn/central-office/random-stream.js';

/** How long calls last, by chance. */
export interface HoldingTimeLaw {
  readonly name: string;
  draw(chance: Uniform, mean: number): number;
}

export function exponential(chance: Uniform, mean: number): number {
  return -mean * Math.log1p(-chance());
}

export const exponentialLaw: HoldingTimeLaw = { name: 'exponential', draw: exponential };

/** Erlang B asks for the mean alone: three laws as unlike as may be. */
export const holdingTimeLaws: readonly HoldingTimeLaw[] = [
  exponentialLaw,
  { name: 'all equal', draw: (_, mean) => mean },
  {
    name: 'short and long',
    // Nine short and a long one: 0.9 x 0.5 + 0.1 x 5.5 = 1, with 5.5 times the variance of the exponential.
    draw: (chance, mean) => exponential(chance, (chance() < 0.9 ? 0.5 : 5.5) * mean),
  },
];
