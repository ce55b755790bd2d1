import type { Command, ExtendedCommand } from './command-parser.js';
import { isExtendedName, parsedValues, testText } from './extended-parameters.js';
import { identification, informationPage } from './information.js';
import type { Personality } from './personality.js';
import { isBasicName, type Settings } from './settings.js';
import { parseToneList, type ToneStep } from './tone-list.js';

/**
 * How a command went. `later`: its result comes by `CommandRunner.finished`. `reported`: it has sent, or will
 * send, its own result code, and ends the line.
 */
export type Outcome = 'ok' | 'error' | 'later' | 'reported';

/** The modem as its commands see it. */
export interface CommandTarget {
  settings(): Settings;
  personality(): Personality | undefined;
  lineNumber(): string;
  inform(text: string): void;
  /** `D` */
  dial(text: string): Outcome;
  /** `A` */
  answer(): Outcome;
  /** `O` */
  backOnLine(): Outcome;
  /** `H1`, `+VLS=1`: closes the loop and leaves it at that. */
  seize(): Outcome;
  /** `H0`, `+VLS=0` */
  hangUp(): Outcome;
  /** `Z` */
  reset(): Outcome;
  /** `&F` */
  restoreFactory(): Outcome;
  /** `&W` */
  storeSettings(): Outcome;
  /** `&Zn=` */
  storeNumber(slot: number, dialString: string): Outcome;
  /** `+VLS?` */
  isOffHook(): boolean;
  /** `+VTS` */
  playTones(steps: readonly ToneStep[]): Outcome;
}

export function execute(command: Command, modem: CommandTarget): Outcome {
  switch (command.kind) {
    case 'basic':
      return basic(command.name, command.value, modem);
    case 'register-set':
      return selected(command.number, modem).set(command.value) ? 'ok' : 'error';
    case 'register-read':
      return readRegister(command.number, modem);
    case 'register-select':
      return selected(command.number, modem).get() === undefined ? 'error' : 'ok';
    case 'extended':
      return extended(command, modem);
    case 'store-number':
      return modem.storeNumber(command.slot, command.dialString);
    case 'dial':
      return modem.dial(command.dialString);
    case 'malformed':
      return 'error';
  }
}

type Basic = (modem: CommandTarget, value: number) => Outcome;

const basicCommands: Readonly<Record<string, Basic>> = {
  A: (modem) => modem.answer(),
  H: (modem, value) => (value > 1 ? 'error' : value === 1 ? modem.seize() : modem.hangUp()),
  I: (modem, value) => inform(modem, informationPage(value, modem)),
  O: (modem) => modem.backOnLine(),
  Z: (modem) => modem.reset(),
  '&F': (modem) => modem.restoreFactory(),
  '&K': (modem, value) => flowControl(modem, value),
  '&V': (modem) => inform(modem, modem.settings().dump()),
  '&W': (modem) => modem.storeSettings(),
};

/** A command that the modem does not know (speaker, pulse dialling, vendors' own) is accepted: C-Kermit and minicom send many. */
function basic(name: string, value: number, modem: CommandTarget): Outcome {
  const command = basicCommands[name];
  if (command) return command(modem, value);
  if (!isBasicName(name)) return 'ok';
  return modem.settings().setBasic(name, value) ? 'ok' : 'error';
}

/** `&K` as `+IFC` by program and by modem: none, RTS/CTS, XON/XOFF, the same passed on, both. */
const flowControls: Readonly<Record<number, readonly [number, number]>> = {
  0: [0, 0],
  3: [2, 2],
  4: [1, 1],
  5: [3, 1],
  6: [1, 2],
};

/** `&K1` and `&K2` mean compression in other vendors' modems. */
function flowControl(modem: CommandTarget, value: number): Outcome {
  const flow = flowControls[value];
  if (flow) modem.settings().setExtended('+IFC', flow);
  return value > 6 ? 'error' : 'ok';
}

/** The register of that number, or the one spoken of last. */
function selected(number: number | undefined, modem: CommandTarget) {
  const { registers } = modem.settings();
  registers.selected = number ?? registers.selected;
  const at = registers.selected;
  return { get: () => registers.get(at), set: (value: number) => registers.set(at, value) };
}

function readRegister(number: number | undefined, modem: CommandTarget): Outcome {
  const value = selected(number, modem).get();
  return value === undefined ? 'error' : inform(modem, String(value).padStart(3, '0'));
}

const extendedCommands: Readonly<
  Record<string, (modem: CommandTarget, command: ExtendedCommand) => Outcome>
> = {
  '+FCLASS': serviceClass,
  '+VLS': voiceLine,
  '+VTS': tones,
};

/** Rockwell's name for caller ID reports. */
const alsoKnownAs: Readonly<Record<string, string>> = { '#CID': '+VCID' };

/** An unknown extended command is an error: programs try them to find out what a modem can do. */
function extended(command: ExtendedCommand, modem: CommandTarget): Outcome {
  const own = modem.personality()?.execute(command);
  if (own) return own;
  const name = alsoKnownAs[command.name] ?? command.name;
  const special = extendedCommands[name];
  if (special) return special(modem, command);
  if (isExtendedName(name)) return parameter(name, command, modem);
  const text = identification(name, modem);
  if (text === undefined || command.form === 'set') return 'error';
  return command.form === 'test' ? 'ok' : inform(modem, text);
}

function parameter(
  name: Parameters<typeof testText>[0],
  { form, text }: ExtendedCommand,
  modem: CommandTarget,
): Outcome {
  const current = modem.settings().extended(name);
  if (form === 'read') return inform(modem, `${name}: ${current.join(',')}`);
  if (form === 'test') return inform(modem, testText(name));
  const values = form === 'set' ? parsedValues(name, text, current) : undefined;
  if (!values) return 'error';
  modem.settings().setExtended(name, values);
  return 'ok';
}

/** The class is told without a prefix (T.32). Changing it leaves the hook as it is, so a voice call can turn into data (AL-5). */
function serviceClass(modem: CommandTarget, { form, text }: ExtendedCommand): Outcome {
  if (form === 'read') return inform(modem, String(modem.settings().serviceClass));
  if (form === 'test') return inform(modem, '0,8');
  if (form !== 'set' || !/^[08]$/.test(text)) return 'error';
  modem.settings().serviceClass = text === '8' ? 8 : 0;
  return 'ok';
}

const analogueLine = { onHook: '0', offHook: '1' } as const;

function voiceLine(modem: CommandTarget, { form, text }: ExtendedCommand): Outcome {
  if (form === 'test')
    return inform(modem, '0,"",00000000,00000000,00000000\r\n1,"T",0B8433C1,0FE431C1,0B8431C1');
  if (form === 'read')
    return inform(modem, `+VLS: ${modem.isOffHook() ? analogueLine.offHook : analogueLine.onHook}`);
  if (form !== 'set' || modem.settings().serviceClass !== 8) return 'error';
  if (text === analogueLine.offHook) return modem.seize();
  return text === analogueLine.onHook ? modem.hangUp() : 'error';
}

function tones(modem: CommandTarget, { form, text }: ExtendedCommand): Outcome {
  if (form === 'test') return inform(modem, '(200-3000),(200-3000),(0-255)');
  if (form !== 'set' || modem.settings().serviceClass !== 8 || !modem.isOffHook()) return 'error';
  const steps = parseToneList(text, modem.settings());
  return steps ? modem.playTones(steps) : 'error';
}

function inform(modem: CommandTarget, text: string | undefined): Outcome {
  if (text === undefined) return 'ok';
  modem.inform(text);
  return 'ok';
}
