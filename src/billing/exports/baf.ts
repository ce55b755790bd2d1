import type { ExportedCall } from '../../store/exports.js';
import { conversationTenths } from './conversation.js';
import { type ExportFormat, type FileFacts, LeftOut, noOctets, type Sensor } from './format.js';
import { type LocalTime, localTimes } from './local-times.js';
import { notNanp, parseNanp } from './nanp.js';

const headerOctets = 0x1c;
/** Record descriptor word, AA, and the 55 octets of structure 0001. */
const recordOctets = 4 + 1 + 55;

/** Structure 0001 behind an AMADNS header (telephony.md 7.3; README.md says which positions are guesses). */
export const baf: ExportFormat = {
  description: 'BAF structure 0001 behind an AMADNS header: authorised calls, without charges, local times',
  takes: ['zone', 'areaCode', 'sensor'],
  canReplace: false,
  form({ zone, areaCode, sensor = { type: '000', id: '0000000' } }) {
    const localTime = localTimes(zone);
    return {
      head: header,
      record: (call) => {
        if (!isAuthorised(call)) return undefined;
        const fields = structure0001(call, { localTime, areaCode, sensor });
        return fields instanceof LeftOut ? fields : descriptor(fields);
      },
      tail: () => noOctets,
    };
  },
};

/** Multi-octet numbers are little-endian, as bafprp reads them. */
function header({ number, records }: FileFacts): Uint8Array {
  const octets = new Uint8Array(headerOctets);
  const view = new DataView(octets.buffer);
  octets[0] = headerOctets;
  view.setUint16(7, number % 0x1_0000, true);
  view.setUint32(17, headerOctets + records * recordOctets, true);
  view.setUint16(21, records & 0xffff, true);
  octets[23] = (records >> 16) & 0xff;
  return octets;
}

interface Setting {
  readonly localTime: (time: Date) => LocalTime;
  readonly areaCode: string | undefined;
  readonly sensor: Sensor;
}

/** The fields in their order, each an odd count of digits. */
function structure0001(call: ExportedCall, { localTime, areaCode, sensor }: Setting): string[] | LeftOut {
  const called = parseNanp(call.calledNumber, areaCode);
  if (!called) return new LeftOut(notNanp('called number', call.calledNumber));
  const calling = parseNanp(call.ani, areaCode);
  const tenths = conversationTenths(call);
  const minutes = Math.floor(tenths / 600);
  if (minutes > 99_999) return new LeftOut('the call lasted longer than the field can say (99,999 minutes)');
  const isAnswered = call.bridgeAt !== undefined;
  const { year, month, day, hour, minute, second, tenth } = localTime(call.bridgeAt ?? call.ringAt);
  return [
    '00001',
    calleePays(call) ? '014' : '006',
    sensor.type,
    sensor.id,
    sensor.type,
    sensor.id,
    `${year.slice(-1)}${month}${day}`,
    '00000',
    `00000${originStudy(call, calling !== undefined)}0`,
    isAnswered ? '0' : '1',
    '0',
    // Dialled by the customer; 6: and the calling number was not identified.
    calling ? '0' : '6',
    '000',
    calling?.areaCode ?? '000',
    calling?.local ?? '0000000',
    // 0: the area code was dialled, 1: it is the network's own.
    called.hasOwnAreaCode ? '0' : '1',
    called.areaCode.padStart(5, '0'),
    called.local,
    `${hour}${minute}${second}${tenth}`,
    `0${digits(minutes, 5)}${digits(tenths % 600, 3)}`,
  ];
}

/** Not one who was refused, or gave up, before anybody was to be called: also where the limit of who pays had no more room. */
function isAuthorised({ calledNumber, calleePort, outcome }: ExportedCall): boolean {
  return calledNumber !== undefined && !(outcome === 'refused' && calleePort === undefined);
}

/** As it was charged; before that, as it was agreed. */
function calleePays({ billTo, callerAccount, calleeAccount, isCollect }: ExportedCall): boolean {
  return billTo === undefined ? isCollect : billTo === calleeAccount && billTo !== callerAccount;
}

/** 1: no calling number; 6: one that is no station of the North American plan. */
function originStudy({ ani }: ExportedCall, isSaid: boolean): string {
  if (isSaid) return '0';
  return ani === undefined ? '1' : '6';
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, '0');
}

/** Two digits an octet, the sign C behind each field's last one. */
function descriptor(fields: readonly string[]): Uint8Array {
  const packed = Buffer.from(fields.map((field) => `${field}C`).join(''), 'hex');
  const octets = new Uint8Array(recordOctets);
  new DataView(octets.buffer).setUint16(0, recordOctets);
  octets[4] = 0xaa;
  octets.set(packed, 5);
  return octets;
}
