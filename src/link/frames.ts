import { versionTwoFrame } from '../bytes/framing.js';
import { coreHeader, coreHeaderLength } from './core-header.js';
import { crcOf, crcOver, crcStart } from './crc-32c.js';

/** What data are numbered in: every segment is this long but the last of a DATA frame, which may be shorter. */
export const segmentLength = 64;
/** Octets of the CRC-32C behind each block. */
export const checkLength = 4;
/** Longest block, in segments: 4,096 octets. */
export const maxBlockSegments = 64;
/** Longest data of one DATA frame, in segments: 12,288 octets. */
export const maxFrameSegments = 192;
/** A peer's room is told in this many segments. */
export const roomUnitSegments = 16;

/** The high four bits of the first octet of a payload. */
export const kind = { data: 0x10, acknowledgement: 0x20, enquiry: 0x30, close: 0x40, open: 0x50 } as const;
/** In the first octet of DATA: an acknowledgement is inside, and log2 of the segments of a block. */
const withAcknowledgement = 0x08;
const blockExponent = 0x07;

/** Octets of a DATA frame's header behind the core header: type 1, first segment 2 [, next wanted 2, room 1]. */
const plainHeaderLength = 3;
const acknowledgingHeaderLength = 6;

/** Longest payload of any frame: a DATA frame of 192 blocks with an acknowledgement. */
export const maxPayloadLength = acknowledgingHeaderLength + maxFrameSegments * (segmentLength + checkLength);
/** Shortest payload: an enquiry. */
export const minPayloadLength = 1 + checkLength;

/** ASCII "!SCS2", before every OPEN: its first octet is the one that version 1 never begins with. */
export const preamble = Uint8Array.of(versionTwoFrame, 0x53, 0x43, 0x53, 0x32);

export interface Acknowledgement {
  /** Low 16 bits of the number of the first segment that is missing. */
  readonly next: number;
  /** How many segments from `next` on the receiver takes, in units of 16. */
  readonly room: number;
  /** Bit k, lowest first in each octet: segment `next + 1 + k` is here. */
  readonly bitmap: Uint8Array;
}

export interface DataHeader {
  /** Low 16 bits of the number of the first segment. */
  readonly first: number;
  readonly blockLength: number;
  readonly headerLength: number;
  readonly acknowledgement?: Acknowledgement;
}

export interface Opening {
  readonly version: number;
  readonly wantsAnswer: boolean;
  readonly room: number;
  /** Of who sends this. */
  readonly incarnation: number;
  /** Of whom the sender has heard last, or 0. */
  readonly heard: number;
}

export type Control =
  | { readonly kind: 'acknowledgement'; readonly acknowledgement: Acknowledgement }
  | { readonly kind: 'enquiry' }
  | { readonly kind: 'close'; readonly segment: number }
  | { readonly kind: 'open'; readonly opening: Opening };

const none = new Uint8Array();

/**
 * The state that every check between two openings starts from: the CRC over both incarnations, sender's first.
 * A frame of another call, or an echo of one's own, fails its check.
 */
export function checkPrefix(sender: number, receiver: number): number {
  const octets = new Uint8Array(8);
  const view = new DataView(octets.buffer);
  view.setUint32(0, sender);
  view.setUint32(4, receiver);
  return crcOver(crcStart, octets);
}

/** How many octets a DATA frame takes on the line. */
export function dataFrameLength(dataLength: number, blockLength: number, acknowledges: boolean): number {
  const header = acknowledges ? acknowledgingHeaderLength : plainHeaderLength;
  return coreHeaderLength + header + dataLength + checkLength * Math.ceil(dataLength / blockLength);
}

export interface DataFrame {
  readonly first: number;
  readonly data: Uint8Array;
  /** 1, 2, 4 ... 64. */
  readonly blockSegments: number;
  readonly acknowledgement?: Acknowledgement | undefined;
}

export function encodeData(prefix: number, frame: DataFrame): Uint8Array {
  const { data, acknowledgement } = frame;
  const blockLength = frame.blockSegments * segmentLength;
  const octets = new Uint8Array(dataFrameLength(data.length, blockLength, acknowledgement !== undefined));
  const view = new DataView(octets.buffer);
  view.setInt32(0, coreHeader(octets.length - coreHeaderLength));
  octets[4] = kind.data | Math.log2(frame.blockSegments) | (acknowledgement ? withAcknowledgement : 0);
  view.setUint16(5, frame.first & 0xffff);
  let at = coreHeaderLength + plainHeaderLength;
  if (acknowledgement) {
    view.setUint16(7, acknowledgement.next & 0xffff);
    octets[9] = acknowledgement.room;
    at = coreHeaderLength + acknowledgingHeaderLength;
  }
  const headerState = crcOver(prefix, octets, coreHeaderLength, at);
  for (let index = 0, from = 0; from < data.length; index++, from += blockLength) {
    const block = data.subarray(from, from + blockLength);
    octets.set(block, at);
    view.setUint32(at + block.length, crcOf(crcOver(withIndex(headerState, index), block)));
    at += block.length + checkLength;
  }
  return octets;
}

const indexOctet = new Uint8Array(1);

/** The state before a block's octets: a block that slid to another place in its frame fails. */
export function withIndex(headerState: number, index: number): number {
  indexOctet[0] = index;
  return crcOver(headerState, indexOctet);
}

/** The header of a DATA frame whose payload begins at `at`, or `undefined` where more octets are needed or it is none. */
export function readDataHeader(octets: Uint8Array, at: number, end: number): DataHeader | undefined {
  const type = octets[at] as number;
  const acknowledges = (type & withAcknowledgement) !== 0;
  const headerLength = acknowledges ? acknowledgingHeaderLength : plainHeaderLength;
  if (end - at < headerLength) return undefined;
  const first = pairAt(octets, at + 1);
  const blockLength = segmentLength << (type & blockExponent);
  if (!acknowledges) return { first, blockLength, headerLength };
  const acknowledgement = { next: pairAt(octets, at + 3), room: octets[at + 5] as number, bitmap: none };
  return { first, blockLength, headerLength, acknowledgement };
}

function pairAt(octets: Uint8Array, at: number): number {
  return ((octets[at] as number) << 8) | (octets[at + 1] as number);
}

export function encodeAcknowledgement(prefix: number, told: Acknowledgement): Uint8Array {
  const body = new Uint8Array(4 + told.bitmap.length);
  body[0] = kind.acknowledgement;
  new DataView(body.buffer).setUint16(1, told.next & 0xffff);
  body[3] = told.room;
  body.set(told.bitmap, 4);
  return seal(prefix, body);
}

export function encodeEnquiry(prefix: number): Uint8Array {
  return seal(prefix, Uint8Array.of(kind.enquiry));
}

export function encodeClose(prefix: number, segment: number): Uint8Array {
  return seal(prefix, Uint8Array.of(kind.close, (segment >>> 8) & 0xff, segment & 0xff));
}

const openingLength = 12;

/** With the preamble. */
export const openFrameLength = preamble.length + coreHeaderLength + openingLength + checkLength;

/** With the preamble. */
export function encodeOpening(opening: Opening): Uint8Array {
  const body = new Uint8Array(openingLength);
  body.set([kind.open, opening.version, opening.wantsAnswer ? 1 : 0, opening.room]);
  const view = new DataView(body.buffer);
  view.setUint32(4, opening.incarnation);
  view.setUint32(8, opening.heard);
  return Uint8Array.of(...preamble, ...seal(crcStart, body));
}

function seal(prefix: number, body: Uint8Array): Uint8Array {
  const octets = new Uint8Array(coreHeaderLength + body.length + checkLength);
  const view = new DataView(octets.buffer);
  view.setInt32(0, coreHeader(body.length + checkLength));
  octets.set(body, coreHeaderLength);
  view.setUint32(coreHeaderLength + body.length, crcOf(crcOver(prefix, body)));
  return octets;
}

/** A control frame's body whose check was right, or `undefined` where a later version speaks. */
export function readControl(body: Uint8Array): Control | undefined {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  switch (body[0]) {
    case kind.acknowledgement:
      if (body.length < 4) return undefined;
      return {
        kind: 'acknowledgement',
        acknowledgement: { next: view.getUint16(1), room: view.getUint8(3), bitmap: body.subarray(4) },
      };
    case kind.enquiry:
      return { kind: 'enquiry' };
    case kind.close:
      return body.length === 3 ? { kind: 'close', segment: view.getUint16(1) } : undefined;
    case kind.open:
      return body.length === openingLength ? { kind: 'open', opening: readOpening(view) } : undefined;
    default:
      return undefined;
  }
}

function readOpening(view: DataView): Opening {
  return {
    version: view.getUint8(1),
    wantsAnswer: (view.getUint8(2) & 1) !== 0,
    room: view.getUint8(3),
    incarnation: view.getUint32(4),
    heard: view.getUint32(8),
  };
}
