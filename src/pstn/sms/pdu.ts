import { type Address, encodeServiceCentre, readServiceCentre } from './address.js';
import { OctetCursor } from './octet-cursor.js';
import { encodeTpdu, type Malformed, parseTpdu, type Tpdu } from './tpdu.js';

/** What AT commands carry: the service centre's address and a TPDU, in hexadecimal (27.005 4). */
export interface Pdu {
  readonly kind: 'pdu';
  /** Left out: the SIM's. */
  readonly serviceCentre?: Address;
  readonly tpdu: Tpdu;
  /** Octets of the TPDU, as `+CMGS=` and `+CMGR:` count them: without the service centre's address. */
  readonly length: number;
}

export function encodePdu(
  tpdu: Tpdu,
  serviceCentre?: Address,
): { readonly hex: string; readonly length: number } {
  const octets = encodeTpdu(tpdu);
  const hex = Buffer.from([...encodeServiceCentre(serviceCentre), ...octets])
    .toString('hex')
    .toUpperCase();
  return { hex, length: octets.length };
}

/** @param toMobile whether it was received, as `+CMGR` and `+CMT` give it, rather than is to be sent */
export function parsePdu(hex: string, toMobile: boolean): Pdu | Malformed {
  if (!/^([0-9A-F]{2})+$/i.test(hex)) return { kind: 'malformed', fault: 'it is not hexadecimal' };
  const cursor = new OctetCursor(Buffer.from(hex, 'hex'));
  const serviceCentre = readServiceCentre(cursor);
  if (cursor.isShort) return { kind: 'malformed', fault: 'it ends in the address of the service centre' };
  const octets = cursor.rest();
  const tpdu = parseTpdu(octets, toMobile);
  if (tpdu.kind === 'malformed') return tpdu;
  return { kind: 'pdu', tpdu, length: octets.length, ...(serviceCentre && { serviceCentre }) };
}
