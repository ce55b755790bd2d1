import type { Outcome } from './command-outcome.js';
import type { Command, ExtendedCommand } from './command-parser.js';
import { type CommandTarget, type ExtendedHandler, inform } from './command-target.js';
import { isExtendedName, parsedValues, printedValues, testText } from './extended-parameters.js';
import { identification, informationPage } from './information.js';
import { voiceCommands } from './voice-commands.js';

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
    case 'read-number':
      return informOrError(modem, modem.storedNumber(command.slot));
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
  O: (modem, value) => modem.backOnLine(value > 0),
  P: (modem) => dialBy(modem, 'P'),
  T: (modem) => dialBy(modem, 'T'),
  Z: (modem, value) => modem.reset(value),
  '&F': (modem) => modem.restoreFactory(),
};

/** Makers' own. A modem that refuses unknown commands refuses these too. */
const makersCommands: Readonly<Record<string, Basic>> = {
  '&V': (modem) => inform(modem, modem.profilesText()),
  '&W': (modem, value) => modem.storeSettings(value),
};

function basic(name: string, value: number, modem: CommandTarget): Outcome {
  const { profile } = modem.settings();
  const command =
    basicCommands[name] ?? (profile.unknownBasics === 'accepted' ? makersCommands[name] : undefined);
  if (command) return command(modem, value);
  return modem.settings().setBasic(name, value) ? 'ok' : 'error';
}

function dialBy(modem: CommandTarget, method: 'T' | 'P'): Outcome {
  modem.settings().dialMethod = method;
  return 'ok';
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

const extendedCommands: Readonly<Record<string, ExtendedHandler>> = {
  '+FCLASS': serviceClass,
  '+GCI': country,
  ...voiceCommands,
};

/** Rockwell's name for caller ID reports. */
const alsoKnownAs: Readonly<Record<string, string>> = { '#CID': '+VCID' };

/** An unknown extended command is an error: programs try them to find out what a modem can do. */
function extended(command: ExtendedCommand, modem: CommandTarget): Outcome {
  const own = modem.personality()?.execute(command);
  if (own) return own;
  const { profile } = modem.settings();
  if (profile.extended !== 'all' && !profile.extended.includes(command.name)) return 'error';
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
  if (form === 'read') return inform(modem, `${name}: ${printedValues(name, current)}`);
  if (form === 'test') return inform(modem, testText(name));
  const values = form === 'set' ? parsedValues(name, text, current) : undefined;
  if (!values) return 'error';
  modem.settings().setExtended(name, values);
  return 'ok';
}

/** The class is told without a prefix (T.32). Changing it leaves the hook as it is, so a voice call can turn into data (AL-5). */
function serviceClass(modem: CommandTarget, { form, text }: ExtendedCommand): Outcome {
  const settings = modem.settings();
  const { serviceClasses } = settings.profile;
  if (form === 'read') return inform(modem, String(settings.serviceClass));
  if (form === 'test') return inform(modem, serviceClasses.join(','));
  const wanted = serviceClasses.find((known) => form === 'set' && String(known) === text);
  if (wanted === undefined) return 'error';
  settings.serviceClass = wanted;
  settings.setExtended('+VNH', [0]);
  return 'ok';
}

/** V.250 6.1.10, by T.35: the only country whose tones this network has. */
const unitedStates = 'B5';

function country(modem: CommandTarget, { form, text }: ExtendedCommand): Outcome {
  if (form === 'read') return inform(modem, `+GCI: ${unitedStates}`);
  if (form === 'test') return inform(modem, `+GCI: (${unitedStates})`);
  return form === 'set' && text === unitedStates ? 'ok' : 'error';
}

function informOrError(modem: CommandTarget, text: string | undefined): Outcome {
  return text === undefined ? 'error' : inform(modem, text);
}
