/** A mean of values that depend on their neighbours, and how far it may be off. */
export interface Estimate {
  readonly mean: number;
  readonly standardError: number;
}

/** At least 20 (telephony's custom); more would be shorter, and depend on each other. */
export const batches = 25;

/** Student's t of 24 degrees of freedom: a right mean is off by more standard errors once in a hundred times. */
export const studentsT99 = 2.797;

/**
 * Batch means: values that follow each other in one simulated run are alike, so their own scatter says too little; the means of
 * long stretches are as good as independent.
 * @param of values in their order; what does not fill the last batch is left out
 */
export function batchMeans(of: readonly number[]): Estimate {
  const length = Math.floor(of.length / batches);
  const means = Array.from({ length: batches }, (_, index) =>
    meanOf(of.slice(index * length, (index + 1) * length)),
  );
  const mean = meanOf(means);
  const variance = means.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (batches - 1);
  return { mean, standardError: Math.sqrt(variance / batches) };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / values.length;
}
