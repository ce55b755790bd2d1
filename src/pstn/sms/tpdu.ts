import { type Address, encodeAddress, readAddress } from './address.js';
import { parseDataCoding } from './data-coding.js';
import { OctetCursor } from './octet-cursor.js';
import { encodeTimeStamp, parseTimeStamp, type TimeStamp, timeStampOctets } from './time-stamp.js';

/** TP-UD as it travels; {@link readContent} says what is in it. */
export interface UserData {
  /** TP-UDHI */
  readonly hasHeader: boolean;
  /** TP-UDL: septets in the default alphabet, octets otherwise. */
  readonly length: number;
  readonly octets: Uint8Array;
}

/** From a mobile to the service centre (23.040 9.2.2.2). */
export interface Submit {
  readonly kind: 'submit';
  readonly reportRequested: boolean;
  /** TP-MR, 0 to 255; the modem puts its own in its place. */
  readonly reference: number;
  readonly to: Address;
  readonly protocol: number;
  readonly coding: number;
  readonly validity?: Validity;
  readonly userData: UserData;
}

export type Validity =
  | { readonly kind: 'relative'; readonly octet: number }
  | { readonly kind: 'absolute'; readonly until: TimeStamp | undefined };

/** From the service centre to a mobile (9.2.2.1). */
export interface Deliver {
  readonly kind: 'deliver';
  /** More messages wait in the service centre. */
  readonly moreFollow: boolean;
  readonly from: Address;
  readonly protocol: number;
  readonly coding: number;
  /** When the service centre took it; undefined when the stamp names no instant. */
  readonly sentAt: TimeStamp | undefined;
  readonly userData: UserData;
}

/** What became of a message (9.2.2.3). */
export interface StatusReport {
  readonly kind: 'status-report';
  readonly reference: number;
  readonly to: Address;
  readonly sentAt: TimeStamp | undefined;
  readonly endedAt: TimeStamp | undefined;
  /** TP-ST: below 0x20 done, below 0x40 still trying, above failed. */
  readonly status: number;
}

export type Tpdu = Submit | Deliver | StatusReport;

export interface Malformed {
  readonly kind: 'malformed';
  readonly fault: string;
}

const userDataMost = 140;
const flag = { moreMessagesNot: 0x04, reportRequest: 0x20, header: 0x40 } as const;
const validityFormat = { none: 0, enhanced: 0x08, relative: 0x10, absolute: 0x18 } as const;

export function encodeTpdu(tpdu: Tpdu): Uint8Array {
  switch (tpdu.kind) {
    case 'submit':
      return encodeSubmit(tpdu);
    case 'deliver':
      return encodeDeliver(tpdu);
    case 'status-report':
      return encodeStatusReport(tpdu);
  }
}

/** @param toMobile the type field means one thing on the way to a mobile and another on the way from it */
export function parseTpdu(octets: Uint8Array, toMobile: boolean): Tpdu | Malformed {
  const cursor = new OctetCursor(octets);
  const first = cursor.octet();
  const tpdu = toMobile ? readToMobile(first, cursor) : readFromMobile(first, cursor);
  if (cursor.isShort) return { kind: 'malformed', fault: 'it ends in the middle of a field' };
  return tpdu;
}

function readToMobile(first: number, cursor: OctetCursor): Deliver | StatusReport | Malformed {
  switch (first & 3) {
    case 0:
      return readDeliver(first, cursor);
    case 2:
      return {
        kind: 'status-report',
        reference: cursor.octet(),
        to: readAddress(cursor),
        sentAt: parseTimeStamp(cursor.octets(timeStampOctets)),
        endedAt: parseTimeStamp(cursor.octets(timeStampOctets)),
        status: cursor.octet(),
      };
    default:
      return { kind: 'malformed', fault: 'it is neither a message nor a report' };
  }
}

function readFromMobile(first: number, cursor: OctetCursor): Submit | Malformed {
  if ((first & 3) !== 1) return { kind: 'malformed', fault: 'it is no message to be sent' };
  const head = {
    reportRequested: (first & flag.reportRequest) !== 0,
    reference: cursor.octet(),
    to: readAddress(cursor),
    protocol: cursor.octet(),
    coding: cursor.octet(),
  };
  const validity = readValidity(first, cursor);
  const userData = readUserData(first, head.coding, cursor);
  if (userData.kind === 'malformed') return userData;
  return { kind: 'submit', ...head, ...(validity && { validity }), userData: userData.userData };
}

function readDeliver(first: number, cursor: OctetCursor): Deliver | Malformed {
  const head = {
    moreFollow: (first & flag.moreMessagesNot) === 0,
    from: readAddress(cursor),
    protocol: cursor.octet(),
    coding: cursor.octet(),
    sentAt: parseTimeStamp(cursor.octets(timeStampOctets)),
  };
  const userData = readUserData(first, head.coding, cursor);
  if (userData.kind === 'malformed') return userData;
  return { kind: 'deliver', ...head, userData: userData.userData };
}

function readValidity(first: number, cursor: OctetCursor): Validity | undefined {
  switch (first & validityFormat.absolute) {
    case validityFormat.relative:
      return { kind: 'relative', octet: cursor.octet() };
    case validityFormat.absolute:
      return { kind: 'absolute', until: parseTimeStamp(cursor.octets(timeStampOctets)) };
    case validityFormat.enhanced:
      // Seconds or hours and minutes; no program uses it, and the centre's own period holds instead.
      cursor.octets(timeStampOctets);
      return undefined;
    default:
      return undefined;
  }
}

function readUserData(
  first: number,
  coding: number,
  cursor: OctetCursor,
): { readonly kind: 'read'; readonly userData: UserData } | Malformed {
  const length = cursor.octet();
  const octetsNeeded = parseDataCoding(coding).alphabet === 'gsm' ? Math.ceil((length * 7) / 8) : length;
  if (octetsNeeded > userDataMost) return { kind: 'malformed', fault: `its text has ${octetsNeeded} octets` };
  const octets = cursor.octets(octetsNeeded);
  return { kind: 'read', userData: { hasHeader: (first & flag.header) !== 0, length, octets } };
}

function encodeSubmit({ reportRequested, reference, to, protocol, coding, validity, userData }: Submit) {
  const format = validity === undefined ? validityFormat.none : validityFormat[validity.kind];
  const first =
    1 | format | (reportRequested ? flag.reportRequest : 0) | (userData.hasHeader ? flag.header : 0);
  const period = validity === undefined ? [] : encodeValidity(validity);
  return Uint8Array.of(
    ...[first, reference, ...encodeAddress(to), protocol, coding, ...period],
    ...[userData.length, ...userData.octets],
  );
}

function encodeValidity(validity: Validity): Iterable<number> {
  if (validity.kind === 'relative') return [validity.octet];
  return encodeStamp(validity.until);
}

function encodeDeliver({ moreFollow, from, protocol, coding, sentAt, userData }: Deliver): Uint8Array {
  const first = (moreFollow ? 0 : flag.moreMessagesNot) | (userData.hasHeader ? flag.header : 0);
  return Uint8Array.of(
    ...[first, ...encodeAddress(from), protocol, coding, ...encodeStamp(sentAt)],
    ...[userData.length, ...userData.octets],
  );
}

function encodeStatusReport({ reference, to, sentAt, endedAt, status }: StatusReport): Uint8Array {
  return Uint8Array.of(
    ...[2 | flag.moreMessagesNot, reference, ...encodeAddress(to)],
    ...[...encodeStamp(sentAt), ...encodeStamp(endedAt), status],
  );
}

function encodeStamp(stamp: TimeStamp | undefined): Uint8Array {
  return stamp ? encodeTimeStamp(stamp) : new Uint8Array(timeStampOctets);
}
