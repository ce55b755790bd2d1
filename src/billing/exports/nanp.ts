/** A number of the North American Numbering Plan. */
export interface NanpNumber {
  /** Three digits. */
  readonly areaCode: string;
  /** Seven digits. */
  readonly local: string;
  /** Whether the area code was in the number, or is the one that was agreed for local numbers. */
  readonly hasOwnAreaCode: boolean;
}

const full = /^(?:\+?1)?([2-9][0-8]\d)([2-9]\d{6})$/;
const local = /^[2-9]\d{6}$/;

/**
 * Ten digits, also behind the country code 1, or seven where the area code is known; `undefined` for all others.
 * What is not assigned is not known here.
 */
export function parseNanp(number: string | undefined, areaCode: string | undefined): NanpNumber | undefined {
  if (number === undefined) return undefined;
  const match = full.exec(number);
  if (match) return { areaCode: match[1] as string, local: match[2] as string, hasOwnAreaCode: true };
  return areaCode !== undefined && local.test(number)
    ? { areaCode, local: number, hasOwnAreaCode: false }
    : undefined;
}

/** Why a number cannot stand in the file, and what to do. */
export function notNanp(which: string, number: string | undefined): string {
  if (number === undefined) return `the ${which} is not known`;
  if (local.test(number)) return `the ${which} ${number} has no area code: say which with --area-code`;
  return `the ${which} ${number} is not of the North American Numbering Plan`;
}
