import type { CarrierTerms, Modulation } from '../carrier-terms.js';
import type { Settings } from './settings.js';

/** A result code. `VCON` is of voice class (IS-101) and has, as `RINGING`, no number in common use. */
export type ResultCode =
  | 'OK'
  | 'RING'
  | 'RINGING'
  | 'NO CARRIER'
  | 'ERROR'
  | 'NO DIALTONE'
  | 'BUSY'
  | 'NO ANSWER'
  | 'VCON'
  /** Of a voice stream, which has no rate. */
  | 'CONNECT'
  | Connect;

export interface Connect {
  readonly connect: 'CONNECT';
  readonly terms: CarrierTerms;
}

const plainConnect = 1;

const numbers: Readonly<Record<string, number>> = {
  OK: 0,
  CONNECT: plainConnect,
  RING: 2,
  'NO CARRIER': 3,
  ERROR: 4,
  'NO DIALTONE': 6,
  BUSY: 7,
  'NO ANSWER': 8,
};

/** Empty when result codes are off (Q1). */
export function resultText(result: ResultCode, settings: Settings): string {
  if (settings.quiet) return '';
  const { cr, crlf } = terminators(settings);
  const number = typeof result === 'string' ? numberOf(result, settings) : connectNumber(result, settings);
  if (settings.verbose || number === undefined) return `${crlf}${verboseText(result, settings)}${crlf}`;
  return `${number}${cr}`;
}

/** Information text is not suppressed by Q1 (V.250 5.7.1). */
export function informationText(text: string, settings: Settings): string {
  const { crlf } = terminators(settings);
  return `${settings.verbose ? crlf : ''}${text}${crlf}`;
}

/** What precedes CONNECT, in the order of V.250: modulation, rates, error control, compression, port rate; or W1's lines. */
export function connectReports(terms: CarrierTerms, settings: Settings): string[] {
  if (settings.quiet) return [];
  const { rate, modulation, errorControl, compression } = terms;
  const reports: string[] = [];
  if (settings.first('+MR') === 1) reports.push(`+MCR: ${modulation}`, `+MRR: ${rate},${rate}`);
  if (settings.first('+ER') === 1) reports.push(`+ER: ${errorControl}`);
  if (settings.first('+DR') === 1) reports.push(`+DR: ${compression}`);
  if (settings.first('+ILRR') === 1) reports.push(`+ILRR: ${settings.portRate ?? rate}`);
  if (settings.basic('W') === 1) {
    reports.push(`CARRIER ${rate}`, `PROTOCOL: ${protocols[errorControl]}`);
    if (compression !== 'NONE') reports.push('COMPRESSION: V.42BIS');
  }
  return reports;
}

const protocols = { LAPM: 'LAP-M', ALT: 'ALT', NONE: 'NONE' } as const;

function numberOf(result: string, { profile }: Settings): number | undefined {
  return profile.numbers[result] ?? numbers[result];
}

function verboseText(result: ResultCode, settings: Settings): string {
  if (typeof result === 'string') return settings.profile.texts[result] ?? result;
  const text = connectText(result, settings);
  if (text === '') return 'CONNECT';
  return settings.tellsRate ? `CONNECT ${text}` : `CONNECT/${text}`;
}

function connectNumber(result: Connect, settings: Settings): number {
  const { connectNumbers, connectText: form } = settings.profile;
  const told = form === 'protocol' ? protocolText(result.terms, settings, 2) : connectText(result, settings);
  return connectNumbers[told] ?? plainConnect;
}

/** What follows CONNECT. */
function connectText({ terms }: Connect, settings: Settings): string {
  if (settings.profile.connectText === 'protocol') return protocolText(terms, settings, 3);
  return settings.tellsRate ? String(toldRate(terms.rate, settings)) : '';
}

/** W2 tells the line's rate, W0 and W1 the port's. */
function toldRate(rate: number, settings: Settings): number {
  return settings.basic('W') === 2 ? rate : (settings.portRate ?? rate);
}

/** Modulations that U.S. Robotics names. */
const named: Readonly<Partial<Record<Modulation, string>>> = {
  V32: 'V32',
  V32B: 'V32',
  V34: 'V34',
  V90: 'V90',
  V92: 'V92',
};

/**
 * `33600/ARQ/V34/LAPM/V42BIS`: as much of it as &A asks for. 300 bit/s is not told.
 * @param most the largest &A that matters: its numbers do not tell 2 and 3 apart
 */
function protocolText(terms: CarrierTerms, settings: Settings, most: number): string {
  const detail = Math.min(settings.basic('&A'), most);
  const isControlled = terms.errorControl !== 'NONE';
  if (settings.tellsRate && terms.rate <= 300) return '';
  const parts = settings.tellsRate ? [String(terms.rate)] : [];
  if (isControlled && detail >= 1) parts.push('ARQ');
  const modulation = named[terms.modulation];
  if (settings.tellsRate && detail >= 2 && modulation) parts.push(modulation);
  if (settings.tellsRate && detail >= 3) {
    parts.push(terms.errorControl === 'ALT' ? 'MNP' : terms.errorControl);
    if (terms.compression === 'V42B') parts.push('V42BIS');
  }
  return parts.join('/');
}

function terminators({ registers }: Settings): { cr: string; crlf: string } {
  const cr = String.fromCharCode(registers.lineTerminator);
  return { cr, crlf: `${cr}${String.fromCharCode(registers.responseFormatter)}` };
}
