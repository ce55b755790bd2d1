import type { DtmfSymbol } from '../../signals.js';
import type { CallSignal } from './call-progress.js';

const dle = 0x10;

/** Bursts shorter than this are not digits: talk-off (fault 42, Q.24 as Asterisk reads it). */
const shortestDigitMs = 40;

const codes: Readonly<Record<CallSignal | 'loop-break', string>> = {
  'dial-tone': 'd',
  'ring-back': 'r',
  busy: 'b',
  reorder: 'K',
  'answer-tone': 'a',
  'loop-break': 'l',
};

/** What a modem in voice class heard, shielded by DLE (IS-101, V.253 table). */
export function signalReport(signal: CallSignal | 'loop-break'): Uint8Array {
  return shielded(codes[signal]);
}

/** One report for a burst however long it was held; undefined when it was too short for a digit. */
export function digitReport(symbol: DtmfSymbol, onMs: number): Uint8Array | undefined {
  return onMs >= shortestDigitMs ? shielded(symbol) : undefined;
}

function shielded(code: string): Uint8Array {
  return Uint8Array.of(dle, code.charCodeAt(0));
}
