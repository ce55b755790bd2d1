import { type Address, addressText, addressType, numberAddress } from '../../sms/address.js';
import { encodePdu } from '../../sms/pdu.js';
import type { ExtendedCommand } from '../modem/command-parser.js';
import { argumentsOf, integer, quoted } from './arguments.js';
import { type Answer, type Cell, inform } from './cell.js';
import { readText, written } from './character-set.js';
import { cms } from './errors.js';
import { type StoredMessage, storeStates } from './message-store.js';
import { listForm, readForm, type TextForm } from './text-mode.js';

type Handler = (cell: Cell, command: ExtendedCommand) => Answer;

/** Commands of 27.005 on what is stored, and on how messages are handled; sending is in `send-commands.ts`. */
export const messageCommands: Readonly<Record<string, Handler>> = {
  '+CMGR': withSim(readMessage, (cell) => `+CMGR: (1-${cell.sim.messages.size})`),
  '+CMGL': withSim(listMessages, listTest),
  '+CMGD': withSim(deleteMessage, deleteTest),
  '+CPMS': withSim(storage, () => '+CPMS: ("SM"),("SM"),("SM")'),
  '+CSCA': withSim(serviceCentre, () => undefined),
  '+CSMS': messageService,
  '+CSMP': textModeParameters,
  '+CSCB': broadcast,
  '+CNMA': acknowledge,
  // One profile, and it is in force: nothing to keep or to bring back.
  '+CSAS': (_, { form }) => (form === 'read' ? 'error' : 'ok'),
  '+CRES': (_, { form }) => (form === 'read' ? 'error' : 'ok'),
};

/** @param test information text of the test form; undefined answers OK alone */
export function withSim(handler: Handler, test: (cell: Cell) => string | undefined): Handler {
  return (cell, command) => {
    if (command.form === 'test') {
      const text = test(cell);
      return text === undefined ? 'ok' : inform(cell, text);
    }
    if (cell.sim.state === 'SIM PUK') return { cms: cms.pukRequired };
    return cell.sim.state === 'READY' ? handler(cell, command) : { cms: cms.pinRequired };
  };
}

export function isTextMode(cell: Cell): boolean {
  return cell.settings().numbers.first('+CMGF') === 1;
}

export function textForm(cell: Cell): TextForm {
  const settings = cell.settings();
  return { charset: settings.charset, showsHeaders: settings.numbers.first('+CSDH') === 1 };
}

/** A number as the program writes it, in its character set, with its type where it is given. */
export function givenAddress(
  cell: Cell,
  given: string | undefined,
  type: string | undefined,
): Address | undefined {
  const { charset } = cell.settings();
  const plain = numberAddress(given ?? '');
  const decoded = charset === 'UCS2' ? numberAddress(readText(given ?? '', charset) ?? '') : undefined;
  const address = decoded ?? plain;
  const typeOctet = integer(type);
  if (address?.kind !== 'number' || typeOctet === undefined || given?.startsWith('+')) return address;
  return typeOctet >= 128 && typeOctet <= 255 ? { ...address, type: typeOctet } : undefined;
}

function readMessage(cell: Cell, { form, text }: ExtendedCommand): Answer {
  const place = integer(argumentsOf(text)[0]);
  if (form !== 'set' || place === undefined) return 'error';
  const message = cell.sim.messages.get(place);
  if (!message) return { cms: cms.invalidIndex };
  markRead(cell, place, message);
  if (isTextMode(cell)) return inform(cell, `+CMGR: ${readForm(message, textForm(cell))}`);
  return inform(cell, `+CMGR: ${pduForm(message)}`);
}

function pduForm({ state, tpdu, serviceCentre }: StoredMessage): string {
  const { hex, length } = encodePdu(tpdu, serviceCentre);
  return `${storeStates.indexOf(state)},,${length}\r\n${hex}`;
}

function markRead(cell: Cell, place: number, { state }: StoredMessage): void {
  if (state === 'REC UNREAD') cell.sim.messages.setState(place, 'REC READ');
}

const all = 4;

function listTest(cell: Cell): string {
  const states = isTextMode(cell) ? [...storeStates, 'ALL'].map(quoted).join(',') : '0-4';
  return `+CMGL: (${states})`;
}

function listMessages(cell: Cell, { form, text }: ExtendedCommand): Answer {
  const isText = isTextMode(cell);
  const [given] = argumentsOf(text);
  const wanted =
    form === 'action' ? 0 : isText ? [...storeStates, 'ALL'].indexOf(given ?? '') : integer(given);
  if (form === 'read' || wanted === undefined || wanted < 0 || wanted > all) {
    return { cms: isText ? cms.invalidText : cms.invalidPdu };
  }
  for (const [place, message] of cell.sim.messages.list()) {
    if (wanted !== all && message.state !== storeStates[wanted]) continue;
    const shown = isText ? listForm(message, textForm(cell)) : pduForm(message);
    cell.host.inform(`+CMGL: ${place},${shown}`);
    markRead(cell, place, message);
  }
  return 'ok';
}

function deleteTest({ sim }: Cell): string {
  return `+CMGD: (${sim.messages.list().map(([place]) => place)}),(0-4)`;
}

/** What each flag spares, from "read ones" to "nothing". */
const spared: readonly (readonly string[])[] = [
  [],
  ['REC UNREAD', 'STO UNSENT', 'STO SENT'],
  ['REC UNREAD', 'STO UNSENT'],
  ['REC UNREAD'],
  [],
];

function deleteMessage(cell: Cell, { form, text }: ExtendedCommand): Answer {
  const { messages } = cell.sim;
  const [given, flagGiven] = argumentsOf(text);
  const place = integer(given);
  const flag = flagGiven === undefined ? 0 : integer(flagGiven);
  if (form !== 'set' || flag === undefined || flag > 4) return { cms: cms.notAllowed };
  if (flag === 0) {
    if (place === undefined || !messages.has(place)) return { cms: cms.invalidIndex };
    messages.remove(place);
  } else {
    for (const [at, { state }] of messages.list()) if (!spared[flag]?.includes(state)) messages.remove(at);
  }
  cell.centre.alert(cell.number);
  return 'ok';
}

function storage(cell: Cell, { form, text }: ExtendedCommand): Answer {
  const { used, size } = cell.sim.messages;
  if (form === 'read') return inform(cell, `+CPMS: ${Array(3).fill(`"SM",${used},${size}`).join(',')}`);
  const names = argumentsOf(text);
  const areKnown = names.length <= 3 && names.every((name) => name === undefined || name === 'SM');
  if (form !== 'set' || !areKnown) return { cms: cms.notAllowed };
  return inform(cell, `+CPMS: ${Array(3).fill(`${used},${size}`).join(',')}`);
}

function serviceCentre(cell: Cell, { form, text }: ExtendedCommand): Answer {
  const { sim } = cell;
  if (form === 'read') {
    const shown = written(addressText(sim.serviceCentre), cell.settings().charset);
    return inform(cell, `+CSCA: ${quoted(shown)},${addressType(sim.serviceCentre)}`);
  }
  const [number, type] = argumentsOf(text);
  const address = givenAddress(cell, number, type);
  if (form !== 'set' || !address) return { cms: cms.invalidText };
  sim.serviceCentre = address;
  return 'ok';
}

/** All three kinds of message: to the mobile, from it, and broadcast. */
function messageService(cell: Cell, { form, text }: ExtendedCommand): Answer {
  const { numbers } = cell.settings();
  if (form === 'test') return inform(cell, '+CSMS: (0,1)');
  if (form === 'read') return inform(cell, `+CSMS: ${numbers.first('+CSMS')},1,1,1`);
  const values = form === 'set' ? numbers.parse('+CSMS', text) : undefined;
  if (!values) return { cms: cms.notAllowed };
  numbers.set('+CSMS', values);
  return inform(cell, '+CSMS: 1,1,1');
}

function textModeParameters(cell: Cell, { form, text }: ExtendedCommand): Answer {
  const settings = cell.settings();
  const now = settings.textMode;
  if (form === 'test') return 'ok';
  if (form === 'read') {
    return inform(cell, `+CSMP: ${now.firstOctet},${now.validity},${now.protocol},${now.coding}`);
  }
  const given = argumentsOf(text);
  const octets = [now.firstOctet, now.validity, now.protocol, now.coding].map((current, index) =>
    given[index] === undefined ? current : integer(given[index]),
  );
  const [firstOctet, validity, protocol, coding] = octets;
  if (form !== 'set' || octets.some((octet) => octet === undefined || octet > 255)) {
    return { cms: cms.invalidText };
  }
  settings.textMode = {
    firstOctet: firstOctet ?? 0,
    validity: validity ?? 0,
    protocol: protocol ?? 0,
    coding: coding ?? 0,
  };
  return 'ok';
}

function broadcast(cell: Cell, { form, text }: ExtendedCommand): Answer {
  if (form === 'test') return inform(cell, '+CSCB: (0,1)');
  if (form === 'read') return inform(cell, `+CSCB: ${cell.settings().broadcast}`);
  if (form !== 'set' || !/^[01](,"[0-9,-]*"){0,2}$/.test(text)) return { cms: cms.invalidText };
  cell.settings().broadcast = text;
  return 'ok';
}

function acknowledge(cell: Cell, { form, text }: ExtendedCommand): Answer {
  if (form === 'test') return inform(cell, '+CNMA: (0-2)');
  const value = form === 'action' ? 0 : integer(text);
  if (form === 'read' || value === undefined || value > 2) return { cms: cms.notAllowed };
  return cell.acknowledge(value !== 2) ? 'ok' : { cms: cms.nothingToAcknowledge };
}
