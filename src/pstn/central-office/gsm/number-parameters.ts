import { argumentsOf, integer } from './arguments.js';

interface Row {
  readonly initial: readonly number[];
  /** What each subparameter takes. */
  readonly takes: readonly (readonly number[])[];
}

const onOff: Row = { initial: [0], takes: [[0, 1]] };

/** Parameters of 27.007 and 27.005 that are numbers and nothing else. */
const rows = {
  '+CMEE': { initial: [0], takes: [[0, 1, 2]] },
  '+CREG': { initial: [0], takes: [[0, 1, 2]] },
  '+CGREG': { initial: [0], takes: [[0, 1, 2]] },
  '+CLIP': onOff,
  '+CRC': onOff,
  '+CR': onOff,
  '+COLP': onOff,
  '+CUSD': { initial: [0], takes: [[0, 1, 2]] },
  '+CMGF': onOff,
  '+CSDH': onOff,
  '+CMMS': { initial: [0], takes: [[0, 1, 2]] },
  '+CNMI': {
    initial: [0, 0, 0, 0, 0],
    takes: [
      [0, 1, 2, 3],
      [0, 1, 2, 3],
      [0, 2],
      [0, 1, 2],
      [0, 1],
    ],
  },
  '+CSMS': { initial: [0], takes: [[0, 1]] },
  '+CBST': { initial: [7, 0, 1], takes: [[0, 7, 71], [0], [0, 1]] },
} satisfies Record<string, Row>;

export type NumberName = keyof typeof rows;

export function isNumberName(name: string): name is NumberName {
  return Object.hasOwn(rows, name);
}

export function testText(name: NumberName): string {
  return `${name}: ${rows[name].takes.map((values) => `(${values.join(',')})`).join(',')}`;
}

/** What `&F` and a power-on set. */
export class NumberParameters {
  readonly #values = new Map<NumberName, readonly number[]>();

  get(name: NumberName): readonly number[] {
    return this.#values.get(name) ?? rows[name].initial;
  }

  first(name: NumberName): number {
    return this.get(name)[0] ?? 0;
  }

  set(name: NumberName, values: readonly number[]): void {
    this.#values.set(name, values);
  }

  /** The values after `name=text`, those left out as they are; undefined when one is not taken. */
  parse(name: NumberName, text: string): readonly number[] | undefined {
    const { takes, initial }: Row = rows[name];
    const given = argumentsOf(text);
    if (given.length > takes.length) return undefined;
    const values = takes.map((allowed, index) => {
      if (given[index] === undefined) return this.get(name)[index] ?? initial[index] ?? 0;
      const value = integer(given[index]);
      return value !== undefined && allowed.includes(value) ? value : undefined;
    });
    return values.every((value) => value !== undefined) ? values : undefined;
  }
}
