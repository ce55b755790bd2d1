import type { DtmfSymbol } from '../../signals.js';
import type { CallSignal } from './call-progress.js';

const dle = 0x10;

/** Bursts shorter than this are not digits: talk-off (fault 42, Q.24 as Asterisk reads it). */
const shortestDigitMs = 40;

/** Code, and the event's number by V.253: its bit in `+VEM`, the most significant first. */
const signals: Readonly<Record<CallSignal | 'loop-break', readonly [code: string, event: number]>> = {
  'dial-tone': ['d', 20],
  'ring-back': ['r', 18],
  busy: ['b', 19],
  reorder: ['K', 21],
  'answer-tone': ['a', 25],
  'loop-break': ['l', 13],
};

const digitEvent = 4;

/** What can be told in the command state, as a mask of `+VEM`. */
export const commandStateEvents = [digitEvent, ...Object.values(signals).map(([, event]) => event)]
  .map(bit)
  .reduce((mask, one) => mask + one, 0);

/** What a modem in voice class heard, shielded by DLE (IS-101, V.253 table); undefined when `mask` (`+VEM`) leaves it out. */
export function signalReport(signal: CallSignal | 'loop-break', mask: number): Uint8Array | undefined {
  const [code, event] = signals[signal];
  return told(event, mask) ? shielded(code) : undefined;
}

/** One report for a burst however long it was held; undefined also when it was too short for a digit. */
export function digitReport(symbol: DtmfSymbol, onMs: number, mask: number): Uint8Array | undefined {
  return onMs >= shortestDigitMs && told(digitEvent, mask) ? shielded(symbol) : undefined;
}

function told(event: number, mask: number): boolean {
  return (mask & bit(event)) !== 0;
}

function bit(event: number): number {
  return 2 ** (31 - event);
}

function shielded(code: string): Uint8Array {
  return Uint8Array.of(dle, code.charCodeAt(0));
}
