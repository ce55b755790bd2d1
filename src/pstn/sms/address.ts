import { fromSeptets, packSeptets, toSeptets, unpackSeptets } from './alphabet.js';
import type { OctetCursor } from './octet-cursor.js';
import { semiOctets, symbolsOf } from './semi-octets.js';

/** Who sends or receives a message (23.040 9.1.2.5). */
export type Address =
  | {
      readonly kind: 'number';
      readonly digits: string;
      /** Type of number and numbering plan: 145 international, 129 unknown. */
      readonly type: number;
    }
  /** A name that a service gives itself, at most 11 characters; nobody can answer it. */
  | { readonly kind: 'name'; readonly name: string };

export const international = 145;
const unknownType = 129;
const alphanumeric = 0xd0;
const typeOfNumber = 0x70;

/** `+15555550123` or `5550123`; undefined for anything else. */
export function numberAddress(text: string): Address | undefined {
  const match = /^(\+?)([0-9*#]{1,20})$/.exec(text);
  if (!match) return undefined;
  return { kind: 'number', digits: match[2] ?? '', type: match[1] ? international : unknownType };
}

/** The address as people write it: with `+` where it is international. */
export function addressText(address: Address): string {
  if (address.kind === 'name') return address.name;
  return (address.type & typeOfNumber) === 0x10 ? `+${address.digits}` : address.digits;
}

/** As 27.005 gives it beside an address in text mode. */
export function addressType(address: Address): number {
  return address.kind === 'name' ? alphanumeric : address.type;
}

/** Length in semi-octets, type, value. */
export function encodeAddress(address: Address): Uint8Array {
  if (address.kind === 'name') {
    const packed = packSeptets(toSeptets(address.name));
    const semiOctetsUsed = Math.ceil((toSeptets(address.name).length * 7) / 4);
    return Uint8Array.of(semiOctetsUsed, alphanumeric, ...packed);
  }
  return Uint8Array.of(address.digits.length, address.type, ...semiOctets(address.digits));
}

export function readAddress(cursor: OctetCursor): Address {
  const length = cursor.octet();
  const type = cursor.octet();
  const value = cursor.octets(Math.ceil(length / 2));
  if ((type & typeOfNumber) === 0x50) {
    return { kind: 'name', name: fromSeptets(unpackSeptets(value, Math.floor((length * 4) / 7))) };
  }
  return { kind: 'number', digits: symbolsOf(value).slice(0, length), type };
}

/** The service centre's address in front of a TPDU: its length counts octets, type included; zero means the SIM's own. */
export function encodeServiceCentre(address: Address | undefined): Uint8Array {
  if (address?.kind !== 'number') return Uint8Array.of(0);
  const digits = semiOctets(address.digits);
  return Uint8Array.of(digits.length + 1, address.type, ...digits);
}

export function readServiceCentre(cursor: OctetCursor): Address | undefined {
  const length = cursor.octet();
  if (length === 0) return undefined;
  const type = cursor.octet();
  return { kind: 'number', digits: symbolsOf(cursor.octets(length - 1)), type };
}
