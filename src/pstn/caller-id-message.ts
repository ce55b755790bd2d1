import type { CallerId } from './signals.js';

/**
 * The octets that an exchange sends in the silence after the first burst of ringing, behind the channel seizure and the
 * mark (Bellcore TR-NWT-000030 and 001188): type, length, content, checksum. A single data message holds date, time and
 * number; a multiple one holds parameters, each with type and length.
 */
const singleData = 0x04;
const multipleData = 0x80;

const parameter = { dateTime: 0x01, number: 0x02, noNumber: 0x04, name: 0x07, noName: 0x08 } as const;

const dateTimeLength = 8;
const longestNumber = 20;
const longestName = 15;

/** @param dateTime MMDDHHMM */
export function encodeCallerId(id: CallerId, dateTime: string): Uint8Array {
  const number = id.kind === 'number' ? id.number.slice(0, longestNumber) : reasonLetter(id.kind);
  if (id.kind !== 'number' || id.name === undefined) return message(singleData, ascii(dateTime + number));
  const parameters = [
    field(parameter.dateTime, dateTime),
    field(parameter.number, number),
    field(parameter.name, id.name.slice(0, longestName)),
  ];
  return message(multipleData, parameters.flat());
}

/** Undefined for octets that are no such message, are cut short, or whose checksum is wrong. */
export function decodeCallerId(octets: Uint8Array): CallerId | undefined {
  const [type, length = 0] = octets;
  const content = octets.subarray(2, 2 + length);
  const sum = octets.subarray(0, length + 3).reduce((total, octet) => total + octet, 0);
  if (octets.length !== length + 3 || (sum & 0xff) !== 0) return undefined;
  if (type === multipleData) return decodeParameters(content);
  if (type !== singleData || content.length < dateTimeLength) return undefined;
  const number = text(content.subarray(dateTimeLength));
  return absent(number) ?? { kind: 'number', number };
}

function decodeParameters(content: Uint8Array): CallerId | undefined {
  const values = new Map<number, string>();
  for (let at = 0; at < content.length; ) {
    const length = content[at + 1] ?? Number.POSITIVE_INFINITY;
    if (at + 2 + length > content.length) return undefined;
    values.set(content[at] as number, text(content.subarray(at + 2, at + 2 + length)));
    at += 2 + length;
  }
  const number = values.get(parameter.number);
  const name = values.get(parameter.name);
  if (number !== undefined) return { kind: 'number', number, ...(name !== undefined && { name }) };
  return absent(values.get(parameter.noNumber) ?? '') ?? { kind: 'unavailable' };
}

function absent(number: string): CallerId | undefined {
  if (number === 'P') return { kind: 'withheld' };
  return number === 'O' ? { kind: 'unavailable' } : undefined;
}

function reasonLetter(kind: 'withheld' | 'unavailable'): string {
  return kind === 'withheld' ? 'P' : 'O';
}

function message(type: number, content: readonly number[]): Uint8Array {
  const octets = [type, content.length, ...content];
  const sum = octets.reduce((total, octet) => total + octet, 0);
  return Uint8Array.from([...octets, -sum & 0xff]);
}

function field(type: number, value: string): number[] {
  const octets = ascii(value);
  return [type, octets.length, ...octets];
}

function ascii(value: string): number[] {
  return [...Buffer.from(value, 'latin1')];
}

function text(octets: Uint8Array): string {
  return Buffer.from(octets).toString('latin1');
}
