/** By V.250 6.4.1 (`+MS`), slowest first, with the fastest rate of each in bit/s. */
export const modulations = {
  V21: 300,
  B103: 300,
  V22: 1_200,
  B212: 1_200,
  V23C: 1_200,
  V22B: 2_400,
  V32: 9_600,
  V32B: 14_400,
  V34: 33_600,
  V90: 56_000,
  /** The last name there is, so lines faster than any telephone line have it too. */
  V92: Number.POSITIVE_INFINITY,
} as const;

export type Modulation = keyof typeof modulations;

export const modulationNames = Object.keys(modulations) as Modulation[];

/** `ALT` is MNP: V.250 calls it the alternative protocol. */
export type ErrorControl = 'LAPM' | 'ALT';

/** What a modem says of itself while it trains. */
export interface CarrierAbilities {
  /** bit/s; it does not connect below. */
  readonly minRate: number;
  readonly modulations: readonly Modulation[];
  readonly errorControl: readonly ErrorControl[];
  /** It does not connect without. */
  readonly needsErrorControl: boolean;
  readonly compression: boolean;
}

/** What two modems have agreed on. */
export interface CarrierTerms {
  /** bit/s both ways */
  readonly rate: number;
  readonly modulation: Modulation;
  readonly errorControl: ErrorControl | 'NONE';
  /** Told, and without effect: what goes over these lines is encrypted and does not become shorter. */
  readonly compression: 'V42B' | 'NONE';
}

export const allAbilities: CarrierAbilities = {
  minRate: 0,
  modulations: modulationNames,
  errorControl: ['LAPM', 'ALT'],
  needsErrorControl: false,
  compression: true,
};

/**
 * @param maxRate bit/s, the least of the lines' and the modems'
 * @param isErrorFree on a line with an error rate the modems of this network do not correct: that is how programs meet errors
 * @returns undefined when they have nothing in common; then neither hears a carrier that it understands
 */
export function agree(
  a: CarrierAbilities,
  b: CarrierAbilities,
  { maxRate, isErrorFree }: { readonly maxRate: number; readonly isErrorFree: boolean },
): CarrierTerms | undefined {
  const common = modulationNames.filter(
    (name) => a.modulations.includes(name) && b.modulations.includes(name),
  );
  const rate = Math.min(maxRate, Math.max(0, ...common.map((name) => modulations[name])));
  const modulation = common.find((name) => modulations[name] >= rate);
  const errorControl = isErrorFree
    ? a.errorControl.find((protocol) => b.errorControl.includes(protocol))
    : undefined;
  const needsErrorControl = a.needsErrorControl || b.needsErrorControl;
  if (!modulation || rate < a.minRate || rate < b.minRate || (needsErrorControl && !errorControl)) {
    return undefined;
  }
  const compression = errorControl && a.compression && b.compression ? 'V42B' : 'NONE';
  return { rate, modulation, errorControl: errorControl ?? 'NONE', compression };
}
