import type { CallProgress } from '../../audio/tone-detector.js';
import type { DtmfSymbol } from '../../signals.js';
import type { CallSignal } from './call-progress.js';
import type { RecorderEvent } from './voice-recorder.js';

const dle = 0x10;

/** Bursts shorter than this are not digits: talk-off (fault 42, Q.24 as Asterisk reads it). */
const shortestDigitMs = 40;

/** What is told beside digits. */
export type VoiceSignal = CallSignal | 'loop-break' | CallProgress['kind'] | RecorderEvent | 'underrun';

/** Code, and the event's number by V.253: its bit in `+VEM`, the most significant first. */
const signals: Readonly<Record<VoiceSignal, readonly [code: string, event: number]>> = {
  'dial-tone': ['d', 20],
  'ring-back': ['r', 18],
  busy: ['b', 19],
  reorder: ['K', 21],
  'answer-tone': ['a', 25],
  'loop-break': ['l', 13],
  sit: ['J', 11],
  'fax-calling': ['c', 6],
  'data-calling': ['e', 7],
  overrun: ['o', 5],
  underrun: ['u', 23],
  'no-voice': ['s', 9],
  quiet: ['q', 10],
};

const digitEvent = 4;

const inCommandState: readonly VoiceSignal[] = [
  'dial-tone',
  'ring-back',
  'busy',
  'reorder',
  'answer-tone',
  'loop-break',
];
const inStream: readonly VoiceSignal[] = [...inCommandState, 'sit', 'fax-calling', 'data-calling'];

/** What can be told, as masks of `+VEM`. */
export const tellableEvents = {
  playing: maskOf([...inStream, 'underrun']),
  recording: maskOf([...inStream, 'overrun', 'no-voice', 'quiet']),
  commandState: maskOf(inCommandState),
};

/** What a modem in voice class heard, shielded by DLE (IS-101, V.253 table); undefined when `mask` (`+VEM`) leaves it out. */
export function signalReport(signal: VoiceSignal, mask: number): Uint8Array | undefined {
  const [code, event] = signals[signal];
  return told(event, mask) ? shielded(code) : undefined;
}

/** One report for a burst however long it was held; undefined also when it was too short for a digit. */
export function digitReport(symbol: DtmfSymbol, onMs: number, mask: number): Uint8Array | undefined {
  return onMs >= shortestDigitMs ? heardDigitReport(symbol, mask) : undefined;
}

/** The same for one that was recognised in audio. */
export function heardDigitReport(symbol: DtmfSymbol, mask: number): Uint8Array | undefined {
  return told(digitEvent, mask) ? shielded(symbol) : undefined;
}

function maskOf(told: readonly VoiceSignal[]): number {
  const events = new Set([digitEvent, ...told.map((signal) => signals[signal][1])]);
  return [...events].reduce((mask, event) => mask + bit(event), 0);
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
