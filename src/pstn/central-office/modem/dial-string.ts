import type { DtmfSymbol } from '../../signals.js';
import type { Registers } from './registers.js';

/** What dialling does, one after the other. */
export type DialStep =
  | { readonly kind: 'digit'; readonly symbol: DtmfSymbol; readonly lengthMs: number }
  | { readonly kind: 'pause'; readonly lengthMs: number }
  | { readonly kind: 'dial-tone'; readonly limitMs: number }
  /** `$`: the tone that asks for a calling card's number. */
  | { readonly kind: 'bong'; readonly limitMs: number }
  /** `@`: ring-back, then 5 s of silence. */
  | { readonly kind: 'quiet-answer'; readonly limitMs: number }
  | { readonly kind: 'flash'; readonly lengthMs: number };

export interface DialString {
  readonly steps: readonly DialStep[];
  /** A `;` at the end: OK right after dialling, no carrier. */
  readonly staysInCommand: boolean;
}

/** Nothing to send for these: punctuation, tone or pulse (the exchange takes tones only), calling tone, earth key. */
const ignored = /[TP()\-./+^>]/g;

/**
 * @param text after `D`, spaces removed, in capitals
 * @returns undefined when it holds anything that cannot be dialled; then nothing is
 */
export function parseDialString(text: string, registers: Registers): DialString | undefined {
  const end = text.indexOf(';');
  const dialled = (end < 0 ? text : text.slice(0, end)).replace(ignored, '');
  const steps: DialStep[] = [];
  for (const character of dialled) {
    const step = stepFor(character, registers);
    if (!step) return undefined;
    steps.push(step);
  }
  return { steps, staysInCommand: end >= 0 };
}

function stepFor(character: string, registers: Registers): DialStep | undefined {
  if (isDtmfSymbol(character)) return { kind: 'digit', symbol: character, lengthMs: registers.digitMs };
  switch (character) {
    case ',':
      return { kind: 'pause', lengthMs: registers.commaMs };
    case 'W':
      return { kind: 'dial-tone', limitMs: registers.carrierWaitMs };
    case '$':
      return { kind: 'bong', limitMs: registers.carrierWaitMs };
    case '@':
      return { kind: 'quiet-answer', limitMs: registers.carrierWaitMs };
    case '!':
      return { kind: 'flash', lengthMs: registers.flashMs };
    default:
      return undefined;
  }
}

export function isDtmfSymbol(character: string): character is DtmfSymbol {
  return /^[0-9A-D*#]$/.test(character);
}
