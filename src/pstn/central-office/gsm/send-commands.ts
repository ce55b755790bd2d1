import type { Address } from '../../sms/address.js';
import { encodeContent, textBody } from '../../sms/content.js';
import { parseDataCoding } from '../../sms/data-coding.js';
import { parsePdu } from '../../sms/pdu.js';
import { splitText } from '../../sms/split-text.js';
import type { Submit, UserData } from '../../sms/tpdu.js';
import type { ExtendedCommand } from '../modem/command-parser.js';
import { argumentsOf, integer } from './arguments.js';
import type { Answer, Cell } from './cell.js';
import { readText } from './character-set.js';
import { type CellularError, cms, errorText } from './errors.js';
import { serviceCentreNumber } from './message-centre.js';
import { givenAddress, isTextMode, withSim } from './message-commands.js';
import { enterMessage } from './message-entry.js';
import { type StoredMessage, type StoreState, storeStates } from './message-store.js';

/** Commands of 27.005 that send a message, or store one that may be sent. */
export const sendCommands: Readonly<Record<string, (cell: Cell, command: ExtendedCommand) => Answer>> = {
  '+CMGS': withSim(send, () => undefined),
  '+CMGW': withSim(write, () => undefined),
  '+CMSS': withSim(sendStored, () => undefined),
};

type Made<Value> = Value | CellularError;

function send(cell: Cell, { form, text }: ExtendedCommand): Answer {
  const [first, second] = argumentsOf(text);
  const isText = isTextMode(cell);
  const to = isText ? givenAddress(cell, first, second) : undefined;
  const length = integer(first);
  if (form !== 'set' || (isText ? !to : length === undefined)) {
    return { cms: isText ? cms.invalidText : cms.invalidPdu };
  }
  return enterMessage(cell.host, isText, (typed) => {
    if (typed === undefined) return cell.host.finished();
    const message = to ? textMessage(cell, typed, to) : pduMessage(typed, length ?? 0, false);
    transmit(cell, message, '+CMGS');
  });
}

/** Without an address the message waits for one in `+CMSS`. */
const nobody: Address = { kind: 'number', digits: '', type: 129 };

function write(cell: Cell, { form, text }: ExtendedCommand): Answer {
  const given = argumentsOf(text);
  const isText = isTextMode(cell);
  const to = form === 'action' ? nobody : givenAddress(cell, given[0], given[1]);
  const length = integer(given[0]);
  const stateGiven = isText ? given[2] : given[1];
  const state = stateGiven === undefined ? 'STO UNSENT' : storeStates[stateNumber(stateGiven, isText)];
  const isReceived = state?.startsWith('REC') === true;
  const isUsable = isText ? to !== undefined && !isReceived : form === 'set' && length !== undefined;
  if (form === 'read' || !state || !isUsable) return { cms: isText ? cms.invalidText : cms.invalidPdu };
  return enterMessage(cell.host, isText, (typed) => {
    if (typed === undefined) return cell.host.finished();
    const message = isText
      ? textMessage(cell, typed, to ?? nobody)
      : pduMessage(typed, length ?? 0, isReceived);
    const place = isError(message) ? undefined : cell.sim.messages.add({ ...message, state });
    if (isError(message)) fail(cell, message);
    else if (place === undefined) fail(cell, { cms: cms.memoryFull });
    else {
      cell.host.inform(`+CMGW: ${place}`);
      cell.host.finished();
    }
  });
}

function stateNumber(given: string, isText: boolean): number {
  return isText ? storeStates.indexOf(given as StoreState) : (integer(given) ?? -1);
}

function sendStored(cell: Cell, { form, text }: ExtendedCommand): Answer {
  const [given, number, type] = argumentsOf(text);
  const place = integer(given);
  const message = place === undefined ? undefined : cell.sim.messages.get(place);
  if (form !== 'set' || place === undefined || !message) return { cms: cms.invalidIndex };
  if (message.tpdu.kind !== 'submit') return { cms: cms.notAllowed };
  const to = number === undefined ? message.tpdu.to : givenAddress(cell, number, type);
  if (!to || (to.kind === 'number' && to.digits === '')) return { cms: cms.invalidText };
  const toSend = { ...message, tpdu: { ...message.tpdu, to } };
  transmit(cell, toSend, '+CMSS', () => cell.sim.messages.setState(place, 'STO SENT'));
  return 'later';
}

type Written = Omit<StoredMessage, 'state'>;

/** Ends the command in any case; the radio needs its time for a message that goes. */
function transmit(cell: Cell, message: Made<Written>, name: '+CMGS' | '+CMSS', sent?: () => void): void {
  cell.host.pend();
  const submit = sendable(cell, message);
  if ('cms' in submit || 'cme' in submit) {
    fail(cell, submit);
    return;
  }
  const reference = cell.sim.nextReference();
  const isSameRun = cell.run();
  cell.centre.submit(cell.number, { ...submit, reference }, (result) => {
    if (!isSameRun()) return;
    if (!cell.radio.isRegistered) fail(cell, { cms: cms.timeout });
    else if (result.kind === 'refused') fail(cell, { cms: result.cause });
    else {
      sent?.();
      cell.host.inform(`${name}: ${reference}`);
      cell.host.finished();
    }
  });
}

function sendable(cell: Cell, message: Made<Written>): Made<Submit> {
  if (isError(message)) return message;
  const { tpdu, serviceCentre = cell.sim.serviceCentre } = message;
  if (tpdu.kind !== 'submit') return { cms: cms.invalidPdu };
  if (!cell.radio.isRegistered) return { cms: cms.noNetwork };
  const isKnown = serviceCentre.kind === 'number' && serviceCentre.digits === serviceCentreNumber;
  return isKnown ? tpdu : { cms: cms.centreUnknown };
}

function fail(cell: Cell, error: CellularError): void {
  cell.host.conclude(errorText(error, cell.settings().numbers.first('+CMEE')));
}

function isError(made: Made<Written>): made is CellularError {
  return 'cms' in made || 'cme' in made;
}

function pduMessage(typed: string, length: number, isReceived: boolean): Made<Written> {
  const pdu = parsePdu(typed.trim(), isReceived);
  if (pdu.kind === 'malformed' || pdu.length !== length) return { cms: cms.invalidPdu };
  return { tpdu: pdu.tpdu, serviceCentre: pdu.serviceCentre };
}

const flags = { report: 0x20, header: 0x40, periodFormat: 0x18, relative: 0x10 } as const;

function textMessage(cell: Cell, typed: string, to: Address): Made<Written> {
  const { firstOctet, validity, protocol, coding } = cell.settings().textMode;
  const userData = textData(cell, typed, coding, (firstOctet & flags.header) !== 0);
  if (!userData) return { cms: cms.invalidText };
  const hasPeriod = (firstOctet & flags.periodFormat) === flags.relative;
  const tpdu: Submit = {
    kind: 'submit',
    reportRequested: (firstOctet & flags.report) !== 0,
    reference: 0,
    to,
    protocol,
    coding,
    ...(hasPeriod && { validity: { kind: 'relative', octet: validity } }),
    userData,
  };
  return { tpdu, serviceCentre: undefined };
}

/** Undefined when it is more than one message, or not what the coding says. */
function textData(cell: Cell, typed: string, coding: number, hasHeader: boolean): UserData | undefined {
  const { alphabet } = parseDataCoding(coding);
  if (alphabet !== 'gsm' || hasHeader) return rawData(typed, hasHeader, alphabet === 'gsm');
  const text = readText(typed, cell.settings().charset);
  const split = text === undefined ? undefined : splitText(text);
  if (split?.alphabet !== 'gsm' || split.parts.length > 1) return undefined;
  return encodeContent({ body: textBody(split.parts[0] ?? '', 'gsm') });
}

/** In hexadecimal (27.005 3.1, <data>). */
function rawData(typed: string, hasHeader: boolean, isSeptets: boolean): UserData | undefined {
  if (!/^([0-9A-F]{2}){0,140}$/i.test(typed)) return undefined;
  const octets = Uint8Array.from(Buffer.from(typed, 'hex'));
  const length = isSeptets ? Math.floor((octets.length * 8) / 7) : octets.length;
  return { hasHeader, length, octets };
}
