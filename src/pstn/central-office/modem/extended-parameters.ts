interface Row {
  readonly initial: readonly number[];
  /** Least and most of each subparameter. */
  readonly ranges: readonly (readonly [number, number])[];
  /** The answer to `=?` where the ranges do not say it. */
  readonly test?: string;
}

const onOff: Row = { initial: [0], ranges: [[0, 1]] };

/** 0 to 255, one value. */
function octet(initial: number): Row {
  return { initial: [initial], ranges: [[0, 255]] };
}

/**
 * Extended parameters that hold numbers (V.250 6.2, 6.4 to 6.6; V.253 10). What only a real circuit needs
 * (gains, silence detection, error control) is kept for the programs that set it and read it back.
 */
const rows = {
  '+IPR': { initial: [0], ranges: [[0, 4_000_000]] },
  '+ICF': row([3, 3], [0, 6], [0, 3]),
  '+IFC': row([2, 2], [0, 3], [0, 2]),
  '+ILRR': onOff,
  '+MR': onOff,
  '+ER': onOff,
  '+DR': onOff,
  '+ES': row([3, 0, 2], [0, 4], [0, 4], [0, 9]),
  '+DS': row([0, 0, 512, 6], [0, 3], [0, 1], [512, 65535], [6, 250]),
  '+VCID': onOff,
  '+VDR': row([0, 0], [0, 1], [0, 255]),
  '+VGR': octet(128),
  '+VGT': octet(128),
  '+VIT': octet(0),
  '+VNH': row([0], [0, 2]),
  '+VRA': octet(70),
  '+VRN': octet(10),
  '+VSD': row([128, 50], [0, 255], [0, 255]),
  '+VSM': {
    ...row([1, 8000, 0, 0], [1, 1], [8000, 8000], [0, 0], [0, 0]),
    test: '1,"UNSIGNED PCM",8,0,(8000),(0),(0)',
  },
  '+VTD': row([100], [5, 255]),
} satisfies Record<string, Row>;

export type ExtendedName = keyof typeof rows;

export function isExtendedName(name: string): name is ExtendedName {
  return Object.hasOwn(rows, name);
}

export function factoryParameters(): Record<ExtendedName, number[]> {
  return copyOfParameters(
    Object.fromEntries(
      Object.entries(rows).map(([name, { initial }]) => [name, initial]),
    ) as unknown as Record<ExtendedName, readonly number[]>,
  );
}

export function copyOfParameters(
  from: Readonly<Record<ExtendedName, readonly number[]>>,
): Record<ExtendedName, number[]> {
  return Object.fromEntries(Object.entries(from).map(([name, values]) => [name, [...values]])) as Record<
    ExtendedName,
    number[]
  >;
}

/**
 * The values after `name=text`. A subparameter left out keeps its value (V.250 5.4.2.3); undefined when one
 * is no number, is out of range, or there are too many.
 */
export function parsedValues(
  name: ExtendedName,
  text: string,
  current: readonly number[],
): number[] | undefined {
  const ranges: Row['ranges'] = rows[name].ranges;
  const given = text.split(',');
  if (given.length > ranges.length) return undefined;
  const values = ranges.map((range, index) => {
    const digits = given[index] ?? '';
    if (digits === '') return current[index] ?? range[0];
    const value = /^\d{1,7}$/.test(digits) ? Number(digits) : Number.NaN;
    return value >= range[0] && value <= range[1] ? value : undefined;
  });
  return values.every((value) => value !== undefined) ? values : undefined;
}

/** The answer to `name=?`. */
export function testText(name: ExtendedName): string {
  const { ranges, test }: Row = rows[name];
  return test ?? `${name}: ${ranges.map(([least, most]) => `(${least}-${most})`).join(',')}`;
}

function row(initial: readonly number[], ...ranges: (readonly [number, number])[]): Row {
  return { initial, ranges };
}
