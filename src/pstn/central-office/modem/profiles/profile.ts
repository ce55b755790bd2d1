import type { ExtendedName } from '../extended-parameters.js';

/** What `modem = "..."` of a line names. */
export const profileNames = ['generic', 'usr', 'rockwell', 'strict'] as const;

export type ProfileName = (typeof profileNames)[number];

/** A basic parameter: factory value and the largest. What is larger is an error, or taken and passed over. */
export interface BasicRow {
  readonly initial: number;
  readonly most: number;
  readonly beyond?: 'accepted';
}

/** A basic command is another maker's word for an extended one; a value left out stays as it is. */
export type Meaning = readonly [name: ExtendedName, values: readonly (number | undefined)[]];

/** One page of `In`: a text, or what the modem knows itself. */
export type InformationPage = { readonly text: string } | 'settings' | 'numbers' | 'link';

/** One make of modem: what differs from make to make, and nothing else. */
export interface Profile {
  readonly name: ProfileName;
  readonly manufacturer: string;
  readonly model: string;
  readonly revision: string;
  /** A page that is not here answers OK alone. */
  readonly pages: Readonly<Record<number, InformationPage>>;
  /** Characters of a command line after the prefix. */
  readonly longestLine: number;
  /** `At` and `aT` too; V.250 has `AT` and `at`. */
  readonly mixedCasePrefix: boolean;
  /** In the order of `&V`. */
  readonly basics: Readonly<Record<string, BasicRow>>;
  readonly unknownBasics: 'accepted' | 'refused';
  /** `&K3`, `\N4`. */
  readonly means: Readonly<Record<string, Meaning>>;
  /** Extended commands that it knows, as typed. */
  readonly extended: 'all' | readonly string[];
  readonly serviceClasses: readonly (0 | 8)[];
  /** Factory values that differ from the common ones. */
  readonly registers: Readonly<Record<number, number>>;
  /** Where there are not all from S0 to S99. */
  readonly knownRegisters?: readonly number[];
  readonly shownRegisters: readonly number[];
  readonly inactivity: { readonly register: number; readonly unitMs: number };
  /** `Zn` and `&Wn` of a larger number are an error, or mean profile 0. */
  readonly beyondStoredProfiles: 'profile 0' | 'error';
  /** Spellings that differ from V.250. */
  readonly texts: Readonly<Record<string, string>>;
  /** V0, besides those of V.250. */
  readonly numbers: Readonly<Record<string, number>>;
  /** `rate` as W selects; `protocol` the line's rate and what &A adds to it. */
  readonly connectText: 'rate' | 'protocol';
  /** V0, by what follows CONNECT: `33600`, `33600/ARQ/V34`. Without a row it is 1. */
  readonly connectNumbers: Readonly<Record<string, number>>;
  /** bit/s of the port where `+IPR` is 0; left out, it runs at the line's rate. */
  readonly portRate?: number;
  /** At the end of S7: a called line that still rings is NO ANSWER, or NO CARRIER as in V.250. */
  readonly tellsNoAnswer: boolean;
  /** The result of `+VLS` that closes the loop. */
  readonly lineResult: 'OK' | 'VCON';
  /** The result of a voice call that was answered, here or there. */
  readonly answerResult: 'OK' | 'VCON';
}
