import { modulationNames } from '../carrier-terms.js';
import { voiceFormatNumbers, voiceFormatTable } from './voice-formats.js';

/**
 * One subparameter: a number in a range, one of some numbers, one of some names (kept as its place among them), or a word
 * of hex digits.
 */
type Field =
  | { readonly kind: 'number'; readonly least: number; readonly most: number }
  | { readonly kind: 'choice'; readonly numbers: readonly number[] }
  | { readonly kind: 'name'; readonly names: readonly string[] }
  | { readonly kind: 'hex'; readonly digits: number };

interface Row {
  readonly initial: readonly number[];
  readonly fields: readonly Field[];
  /** The answer to `=?` where the fields do not say it. */
  readonly test?: string;
}

/** bit/s; 0 is no limit. The fastest that `rate` of a line may be. */
const rate = range(0, 10_000_000);

/**
 * Extended parameters (V.250 6.2, 6.4 to 6.6; V.253 10). What only a real circuit needs (word length) is kept for the programs that set it and read it back.
 */
const rows = {
  '+IPR': row([0], range(0, 4_000_000)),
  '+ICF': row([3, 3], range(0, 6), range(0, 3)),
  '+IFC': row([2, 2], range(0, 3), range(0, 2)),
  '+ILRR': onOff(),
  /** Carrier, automode, least and most to send, least and most to receive. */
  '+MS': row(
    [modulationNames.indexOf('V92'), 1, 0, 0, 0, 0],
    { kind: 'name', names: modulationNames },
    range(0, 1),
    rate,
    rate,
    rate,
    rate,
  ),
  '+MR': onOff(),
  /** As originator, its fall-back, as answerer. */
  '+ES': row([3, 0, 2], range(0, 4), range(0, 4), range(0, 6)),
  '+ER': onOff(),
  '+DS': row([3, 0, 2048, 32], range(0, 3), range(0, 1), range(512, 65535), range(6, 250)),
  '+DR': onOff(),
  '+VCID': row([0], range(0, 2)),
  '+VDR': row([0, 0], range(0, 1), range(0, 255)),
  '+VEM': row([0xffffffff], { kind: 'hex', digits: 8 }),
  '+VGM': octet(128),
  '+VGR': octet(128),
  '+VGS': octet(128),
  '+VGT': octet(128),
  '+VIT': octet(0),
  '+VNH': row([0], range(0, 2)),
  '+VRA': octet(70),
  '+VRN': octet(10),
  '+VSD': row([128, 50], range(0, 255), range(0, 255)),
  '+VSM': {
    ...row(
      [1, 8000, 0, 0],
      { kind: 'choice', numbers: voiceFormatNumbers },
      range(8000, 8000),
      range(0, 0),
      range(0, 0),
    ),
    test: voiceFormatTable,
  },
  '+VTD': row([100], range(5, 255)),
} satisfies Record<string, Row>;

export type ExtendedName = keyof typeof rows;

export type ExtendedValues = Readonly<Record<ExtendedName, readonly number[]>>;

export function isExtendedName(name: string): name is ExtendedName {
  return Object.hasOwn(rows, name);
}

const names = Object.keys(rows) as ExtendedName[];

export function factoryParameters(): ExtendedValues {
  return Object.fromEntries(names.map((name) => [name, rows[name].initial])) as ExtendedValues;
}

/** The parameters of voice class (`+VIP` brings back their factory values). */
export const voiceParameters = names.filter((name) => name.startsWith('+V'));

/**
 * The values after `name=text`. A subparameter left out keeps its value (V.250 5.4.2.3); undefined when one
 * cannot be read, is out of range, or there are too many.
 */
export function parsedValues(
  name: ExtendedName,
  text: string,
  current: readonly number[],
): number[] | undefined {
  const { fields, initial }: Row = rows[name];
  const given = text.split(',');
  if (given.length > fields.length) return undefined;
  const values = fields.map((field, index) => {
    const one = given[index] ?? '';
    return one === '' ? (current[index] ?? initial[index]) : parsedValue(field, one);
  });
  return values.every((value) => value !== undefined) ? values : undefined;
}

/** The answer to `name?`, without the name. */
export function printedValues(name: ExtendedName, values: readonly number[]): string {
  const { fields }: Row = rows[name];
  return fields.map((field, index) => printedValue(field, values[index] ?? 0)).join(',');
}

/** The answer to `name=?`. */
export function testText(name: ExtendedName): string {
  const { fields, test }: Row = rows[name];
  return test ?? `${name}: ${fields.map(printedRange).join(',')}`;
}

function parsedValue(field: Field, text: string): number | undefined {
  switch (field.kind) {
    case 'number': {
      const value = /^\d{1,8}$/.test(text) ? Number(text) : Number.NaN;
      return value >= field.least && value <= field.most ? value : undefined;
    }
    case 'choice':
      return field.numbers.find((number) => String(number) === text);
    case 'name': {
      const index = field.names.indexOf(text.replaceAll('"', '').toUpperCase());
      return index < 0 ? undefined : index;
    }
    case 'hex':
      return new RegExp(`^[0-9A-F]{${field.digits}}$`).test(text) ? Number.parseInt(text, 16) : undefined;
  }
}

function printedValue(field: Field, value: number): string {
  if (field.kind === 'name') return field.names[value] ?? '';
  return field.kind === 'hex' ? value.toString(16).toUpperCase().padStart(field.digits, '0') : String(value);
}

function printedRange(field: Field): string {
  if (field.kind === 'name') return `(${field.names.join(',')})`;
  if (field.kind === 'choice') return `(${field.numbers.join(',')})`;
  return field.kind === 'hex'
    ? `(${'0'.repeat(field.digits)}-${'F'.repeat(field.digits)})`
    : `(${field.least}-${field.most})`;
}

function row(initial: readonly number[], ...fields: Field[]): Row {
  return { initial, fields };
}

function range(least: number, most: number): Field {
  return { kind: 'number', least, most };
}

function onOff(): Row {
  return row([0], range(0, 1));
}

/** 0 to 255, one value. */
function octet(initial: number): Row {
  return row([initial], range(0, 255));
}
