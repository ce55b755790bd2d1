import type { CallerIdForm } from './caller-id.js';
import type { Outcome } from './command-outcome.js';
import type { ExtendedCommand } from './command-parser.js';
import type { Personality } from './personality.js';
import type { Settings } from './settings.js';
import type { ToneStep } from './tone-list.js';
import type { StreamDirection } from './voice-stream.js';

/** The modem as its commands see it. */
export interface CommandTarget {
  settings(): Settings;
  personality(): Personality | undefined;
  lineNumber(): string;
  inform(text: string): void;
  /** `D` */
  dial(text: string): Outcome;
  /** `A` */
  answer(): Outcome;
  /** `O0`; `O1` trains anew first. */
  backOnLine(retrains: boolean): Outcome;
  /** `H1`: closes the loop and leaves it at that. */
  seize(): Outcome;
  /** `+VLS` with the line */
  joinLine(): Outcome;
  /** `H0`, `+VLS` without the line */
  hangUp(): Outcome;
  /** `Zn` */
  reset(profile: number): Outcome;
  /** `&F` */
  restoreFactory(): Outcome;
  /** `&Wn` */
  storeSettings(profile: number): Outcome;
  /** `&Zn=` */
  storeNumber(slot: number, dialString: string): Outcome;
  /** `&Zn?`; undefined when there is no such slot */
  storedNumber(slot: number): string | undefined;
  profilesText(): string;
  numbersText(): string;
  linkText(): string;
  /** `+VLS?` */
  isOffHook(): boolean;
  /** `+VTS` */
  playTones(steps: readonly ToneStep[]): Outcome;
  /** `+VTX`, `+VRX`, `+VTR` */
  openStream(direction: StreamDirection): Outcome;
  /** `+VRID` */
  repeatCallerId(form: CallerIdForm): void;
}

export type ExtendedHandler = (modem: CommandTarget, command: ExtendedCommand) => Outcome;

/** Information text, where there is any, and OK. */
export function inform(modem: CommandTarget, text: string | undefined): Outcome {
  if (text) modem.inform(text);
  return 'ok';
}
