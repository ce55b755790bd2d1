import type { ExtendedCommand } from '../modem/command-parser.js';
import { argumentsOf, integer, quoted } from './arguments.js';
import { type Answer, type Cell, inform } from './cell.js';
import { charsets, isCharset, written } from './character-set.js';
import { cme } from './errors.js';
import type { Functionality } from './radio.js';
import { stampText } from './text-mode.js';

type Handler = (cell: Cell, command: ExtendedCommand) => Answer;

export const modelName = 'Cordboard simulated GSM modem';
const operator = { name: 'Cordboard', short: 'CORDBRD', code: '00101' } as const;
/** `<AcT>` 0: GSM. gammu takes the state of a network without it for unknown. */
const cellOfNetwork = { area: '0001', cell: '00C1', technology: 0 } as const;

/** Commands of 27.007: who the modem is, whether it is registered, how it is set up. */
export const statusCommands: Readonly<Record<string, Handler>> = {
  '+CGMI': named(() => 'Cordboard'),
  '+GMI': named(() => 'Cordboard'),
  '+CGMM': named(() => modelName),
  '+GMM': named(() => modelName),
  '+CGMR': named(() => '27.005, 27.007, V.250'),
  '+GMR': named(() => '27.005, 27.007, V.250'),
  '+CGSN': named((cell) => imei(cell.number)),
  '+GSN': named((cell) => imei(cell.number)),
  '+GCAP': named(() => '+GCAP: +CGSM,+FCLASS,+DS'),
  '+CIMI': named((cell) => cell.sim.imsi, 'needs-sim'),
  '+CNUM': named((cell) => `+CNUM: "",${quoted(asWritten(cell, `+${cell.number}`))},145`, 'needs-sim'),
  '+CPIN': pin,
  '+CLCK': facilityLock,
  '+CFUN': functionality,
  '+COPS': operators,
  '+CSQ': named((cell) => `+CSQ: ${cell.radio.hasCoverage ? cell.radio.signal : 99},99`),
  '+CBC': named(() => '+CBC: 0,100'),
  '+CPAS': named((cell) => `+CPAS: ${cell.isRinging() ? 3 : cell.host.isOffHook() ? 4 : 0}`),
  '+CCLK': networkClock,
  '+CGATT': attachment,
  '+CSCS': characterSet,
  '+CHUP': (cell, { form }) => (form === 'action' ? cell.host.hangUp() : form === 'test' ? 'ok' : 'error'),
};

/** Answers the read and the action form, and `OK` to the test form. */
function named(text: (cell: Cell) => string, needs?: 'needs-sim'): Handler {
  return (cell, { form }) => {
    if (form === 'set') return 'error';
    if (form === 'test') return 'ok';
    const error = needs && simError(cell);
    return error ?? inform(cell, text(cell));
  };
}

function simError({ sim }: Cell): Answer | undefined {
  if (sim.state === 'READY') return undefined;
  return { cme: sim.state === 'SIM PUK' ? cme.pukRequired : cme.pinRequired };
}

/** Type allocation code of test equipment, the number, and Luhn's check digit. */
function imei(number: string): string {
  const digits = `00101000${number.slice(-6).padStart(6, '0')}`;
  let sum = 0;
  for (const [index, digit] of [...digits].entries()) {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
    sum += value > 9 ? value - 9 : value;
  }
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

function asWritten(cell: Cell, text: string): string {
  return written(text, cell.settings().charset);
}

function pin(cell: Cell, { form, text }: ExtendedCommand): Answer {
  const { sim, radio } = cell;
  if (form === 'test') return 'ok';
  if (form === 'read') return inform(cell, `+CPIN: ${sim.state}`);
  const [first, second] = argumentsOf(text);
  if (form !== 'set' || first === undefined) return 'error';
  if (sim.state === 'READY') return { cme: cme.notAllowed };
  if (sim.state === 'SIM PUK' && second === undefined) return { cme: cme.pukRequired };
  const isRight = sim.state === 'SIM PUK' ? sim.enterPuk(first, second ?? '') : sim.enterPin(first);
  if (!isRight) return { cme: cme.wrongPassword };
  radio.setSimOpen(true);
  return 'ok';
}

/** Only the query whether the SIM asks for a PIN. */
function facilityLock(cell: Cell, { form, text }: ExtendedCommand): Answer {
  if (form === 'test') return inform(cell, '+CLCK: ("SC")');
  const [facility, mode] = argumentsOf(text);
  if (form !== 'set' || facility !== 'SC' || mode !== '2') return { cme: cme.notSupported };
  return inform(cell, `+CLCK: ${cell.sim.asksPin ? 1 : 0}`);
}

function functionality(cell: Cell, { form, text }: ExtendedCommand): Answer {
  if (form === 'test') return inform(cell, '+CFUN: (0,1,4),(0,1)');
  if (form === 'read') return inform(cell, `+CFUN: ${cell.radio.functionality}`);
  const [level, reset] = argumentsOf(text).map(integer);
  if (form !== 'set' || (level !== 0 && level !== 1 && level !== 4)) return { cme: cme.notAllowed };
  cell.radio.setFunctionality(level satisfies Functionality);
  if (reset === 1) cell.restart();
  return 'ok';
}

function operators(cell: Cell, { form, text }: ExtendedCommand): Answer {
  const settings = cell.settings();
  const names = [asWritten(cell, operator.name), asWritten(cell, operator.short), operator.code];
  const shown = names.map(quoted);
  if (form === 'test') return inform(cell, `+COPS: (2,${shown.join(',')}),,(0,1,2,3,4),(0,1,2)`);
  if (form === 'read') {
    const current = cell.radio.isRegistered
      ? `,${settings.operatorFormat},${shown[settings.operatorFormat]}`
      : '';
    return inform(cell, `+COPS: ${settings.operatorMode}${current}`);
  }
  const [mode, format, wanted] = argumentsOf(text);
  const formatNumber = integer(format) ?? 0;
  if (form !== 'set' || formatNumber > 2 || !/^[0-4]$/.test(mode ?? '')) return { cme: cme.notAllowed };
  if (mode === '3') settings.operatorFormat = formatNumber;
  else {
    const isOurs = wanted === undefined || names[formatNumber] === wanted;
    if (mode === '1' && !isOurs) return { cme: cme.noService };
    settings.operatorMode = Number(mode);
    cell.radio.setAttached(mode !== '2');
  }
  return 'ok';
}

export function registrationText(name: '+CREG' | '+CGREG', cell: Cell): string {
  const { area, cell: id, technology } = cellOfNetwork;
  const place = `,"${area}","${id}",${technology}`;
  const isDetailed = cell.settings().numbers.first(name) === 2 && cell.radio.isRegistered;
  return `${cell.radio.registration}${isDetailed ? place : ''}`;
}

/** The time of day at the mobile; programs may set it. */
function networkClock(cell: Cell, { form, text }: ExtendedCommand): Answer {
  if (form === 'test') return 'ok';
  const utcMs = cell.clock.utcMs();
  if (form === 'read') {
    return inform(cell, `+CCLK: ${stampText({ utcMs: utcMs + cell.clockOffsetMs, offsetMinutes: 0 })}`);
  }
  const [stamp = ''] = argumentsOf(text);
  const match = /^(\d\d)\/(\d\d)\/(\d\d),(\d\d):(\d\d):(\d\d)([+-]\d\d)?$/.exec(stamp);
  if (form !== 'set' || !match) return { cme: cme.notAllowed };
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  cell.clockOffsetMs = Date.UTC(2000 + year, month - 1, day, hour, minute, second) - utcMs;
  return 'ok';
}

function attachment(cell: Cell, { form, text }: ExtendedCommand): Answer {
  if (form === 'test') return inform(cell, '+CGATT: (0,1)');
  if (form === 'read') return inform(cell, `+CGATT: ${cell.radio.isRegistered ? 1 : 0}`);
  return form === 'set' && /^[01]$/.test(text) ? 'ok' : { cme: cme.notAllowed };
}

function characterSet(cell: Cell, { form, text }: ExtendedCommand): Answer {
  if (form === 'test') return inform(cell, `+CSCS: (${charsets.map(quoted).join(',')})`);
  if (form === 'read') return inform(cell, `+CSCS: ${quoted(cell.settings().charset)}`);
  const [name] = argumentsOf(text);
  if (form !== 'set' || !isCharset(name)) return { cme: cme.notAllowed };
  cell.settings().charset = name;
  return 'ok';
}
