/** What modems say of a connection before CONNECT, or behind its rate. */
export interface ConnectReports {
  /** bit/s of the carrier, the slower direction's. */
  readonly rate?: number;
  readonly isErrorFree?: boolean;
}

/** `CONNECT 33600/ARQ/V34/LAPM`, `CONNECT 14400/REL`. */
const errorControl = /\b(LAPM|LAP-M|MNP|ARQ|V\.?42|ALT|REL)/i;

/** `CONNECT 33600/V34/NONE` of U.S. Robotics. */
const noErrorControl = /\/NONE\b/i;

/** A line of information text, where it is one of V.250 6.4.3 (`+MRR`), 6.5.5 (`+ER`) or of W1 (`CARRIER`, `PROTOCOL`). */
export function readConnectReport(line: string): ConnectReports | undefined {
  const [, name, value = ''] = /^(\+MRR|\+ER|CARRIER|PROTOCOL)\b:? *(.*)$/i.exec(line.trim()) ?? [];
  switch (name?.toUpperCase()) {
    case '+MRR':
    case 'CARRIER': {
      const rates = (value.match(/[0-9]+/g) ?? []).map(Number).filter((rate) => rate > 0);
      return rates.length > 0 ? { rate: Math.min(...rates) } : {};
    }
    case '+ER':
    case 'PROTOCOL':
      return { isErrorFree: errorControl.test(value) };
    default:
      return undefined;
  }
}

/** What the result code itself says of error control; nothing where it is silent. */
export function readConnectText(text: string): ConnectReports {
  if (errorControl.test(text)) return { isErrorFree: true };
  return noErrorControl.test(text) ? { isErrorFree: false } : {};
}
