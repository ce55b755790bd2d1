import type { ContentKind } from './contents.js';
import type { LineKind } from './subject.js';

/** One delivery of the plan: what is sent over what line, and what happens to it. */
export interface Case {
  readonly content: ContentKind;
  readonly octets: number;
  /** For programs that are measured in real time: less, where an hour would be needed. */
  readonly peerOctets?: number;
  readonly line: LineKind;
  /** The line is lost when half of the content's octets have come, and the call is made again. */
  readonly isLostHalfway?: boolean;
  /** Meanwhile A has changed the file. */
  readonly isChangedBetween?: boolean;
  /** Over in seconds, in which a busy machine would show. */
  readonly isShort?: boolean;
  /** Nobody else's figure comes from it. */
  readonly isOursAlone?: boolean;
}

export type CaseName = keyof typeof plan;

const kib = 1024;
const mib = 1024 * kib;

const clean: LineKind = { rate: 33_600, delayMs: 60, bitErrorRate: 0, seed: 1 };
const slow: LineKind = { ...clean, rate: 28_800 };
/** Far enough for what a round trip costs to stand out. */
export const farDelayMs = 300;

const bad = (bitErrorRate: number) => ({ ...clean, bitErrorRate });
const half = { content: 'random', octets: 256 * kib, line: clean } as const;

/** Sizes for programs in real time are such that the slowest that still works is done before the largest file is. */
export const plan = {
  random: { content: 'random', octets: mib, line: clean },
  office: { content: 'office folder', octets: 0, line: clean, isOursAlone: true },
  letter: { content: 'text', octets: kib, line: clean, isShort: true },
  'errors 1e-6': { content: 'random', octets: mib, peerOctets: 512 * kib, line: bad(1e-6) },
  'errors 1e-5': { content: 'random', octets: mib, peerOctets: 256 * kib, line: bad(1e-5) },
  'errors 1e-4': { content: 'random', octets: mib, peerOctets: 96 * kib, line: bad(1e-4) },
  whole: half,
  lost: { ...half, isLostHalfway: true },
  'lost and changed': { ...half, isLostHalfway: true, isChangedBetween: true },
  'opening near': { content: 'text', octets: 4 * kib, line: { ...slow, delayMs: 0 }, isShort: true },
  'opening far': { content: 'text', octets: 4 * kib, line: { ...slow, delayMs: farDelayMs }, isShort: true },
} satisfies Record<string, Case>;

export const caseNames = Object.keys(plan) as CaseName[];

export function casesWhere(isWanted: (each: Case) => boolean | undefined): CaseName[] {
  return caseNames.filter((name) => isWanted(plan[name]));
}
