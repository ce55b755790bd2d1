import { type Burst, cadences, type SitKind, specialInformationTones } from '../audio/tone-plan.js';
import { type ToneHz, tones } from '../signals.js';
import type { Timings } from './timings.js';

/** Tone on and off by turns for `lengthMs`. */
export interface Cadence {
  readonly tone: ToneHz;
  readonly onMs: number;
  readonly offMs: number;
  readonly lengthMs: number;
}

/** What a line hears instead of a call, and why. */
export type TreatmentName =
  /** The called line, or all lines of the hunt group, are in use. */
  | 'busy'
  /** The number was not dialled to its end, or no circuit of a local trunk group is free. */
  | 'reorder'
  /** A receiver off the hook. */
  | 'permanent-signal'
  /** No such number. */
  | 'vacant-code'
  /** The number has changed. */
  | 'intercept'
  /** No circuit to another area is free. */
  | 'no-circuit';

/** For the voice after the special information tone. */
const announcementMs = 6_000;

export function treatment(name: TreatmentName, timings: Timings): readonly Cadence[] {
  switch (name) {
    case 'busy':
      return [repeated(cadences.busy, timings.busyMs)];
    case 'reorder':
      return [repeated(cadences.reorder, timings.reorderMs)];
    case 'permanent-signal':
      return [...treatment('reorder', timings), repeated(cadences.howler, timings.howlerMs)];
    default:
      return spoken(name);
  }
}

function repeated([{ hz, onMs, offMs }]: readonly [Burst], lengthMs: number): Cadence {
  return { tone: hz, onMs, offMs, lengthMs };
}

/** The special information tone, then the time of a voice, twice. A modem hears neither busy nor an answer. */
function spoken(name: SitKind): readonly Cadence[] {
  const once = [
    ...specialInformationTones[name].map(
      ({ hz, onMs }): Cadence => ({ tone: hz, onMs, offMs: 0, lengthMs: onMs }),
    ),
    { tone: tones.silence, onMs: announcementMs, offMs: 0, lengthMs: announcementMs },
  ];
  return [...once, ...once];
}
