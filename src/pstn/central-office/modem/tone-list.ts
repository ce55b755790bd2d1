import type { DtmfSymbol, ToneHz } from '../../signals.js';
import { isDtmfSymbol } from './dial-string.js';
import type { Settings } from './settings.js';

/** One part of what `+VTS` plays. */
export type ToneStep =
  | { readonly kind: 'tone'; readonly tone: ToneHz; readonly lengthMs: number }
  | { readonly kind: 'digit'; readonly symbol: DtmfSymbol; readonly lengthMs: number }
  | { readonly kind: 'flash'; readonly lengthMs: number };

/** `[f1,f2,length]`, `{digit,length}`, a digit, or `!` (hook flash). */
const element = /(?:\[(\d*)(?:,(\d*))?(?:,(\d*))?\]|\{([0-9A-D*#])(?:,(\d*))?\}|([0-9A-D*#!]))(?:,|$)/y;

/** Hundredths of a second in one octet (V.253 10.1.5). */
const longest = 255;

/** @returns undefined when an element is malformed or out of range; then nothing is played */
export function parseToneList(text: string, settings: Settings): ToneStep[] | undefined {
  const steps: ToneStep[] = [];
  element.lastIndex = 0;
  while (element.lastIndex < text.length) {
    const match = element.exec(text);
    const step = match && stepOf(match, settings);
    if (!step) return undefined;
    steps.push(step);
  }
  return steps.length > 0 ? steps : undefined;
}

function stepOf(match: RegExpExecArray, settings: Settings): ToneStep | undefined {
  const [, first, second, toneLength, timedDigit, digitLength, single] = match;
  if (single === '!') return { kind: 'flash', lengthMs: settings.registers.flashMs };
  const lengthMs = lengthOf(toneLength ?? digitLength, settings);
  if (lengthMs === undefined) return undefined;
  const symbol = timedDigit ?? single;
  if (symbol !== undefined) return isDtmfSymbol(symbol) ? { kind: 'digit', symbol, lengthMs } : undefined;
  const tone = toneOf([Number(first ?? 0), Number(second ?? 0)]);
  return tone && { kind: 'tone', tone, lengthMs };
}

function lengthOf(text: string | undefined, settings: Settings): number | undefined {
  const hundredths = text ? Number(text) : settings.first('+VTD');
  return hundredths <= longest ? hundredths * 10 : undefined;
}

/** No frequency at all is silence. */
function toneOf(frequencies: readonly number[]): ToneHz | undefined {
  const sounding = [...new Set(frequencies)].filter((hz) => hz > 0).sort((a, b) => a - b);
  return sounding.every((hz) => hz >= 200 && hz <= 3000) ? sounding : undefined;
}
