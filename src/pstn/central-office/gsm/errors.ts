/** A command that failed with a code of 27.007 (`cme`) or 27.005 (`cms`). */
export type CellularError = { readonly cme: number } | { readonly cms: number };

/** 27.007 9.2 */
export const cme = {
  notAllowed: 3,
  notSupported: 4,
  pinRequired: 11,
  pukRequired: 12,
  wrongPassword: 16,
  noService: 30,
} as const;

/** 27.005 3.2.5; below 128 the network's causes of 24.011. */
export const cms = {
  notAllowed: 302,
  invalidPdu: 304,
  invalidText: 305,
  pinRequired: 311,
  pukRequired: 318,
  invalidIndex: 321,
  memoryFull: 322,
  centreUnknown: 330,
  noNetwork: 331,
  timeout: 332,
  nothingToAcknowledge: 340,
  unknown: 500,
} as const;

const words: Readonly<Record<'cme' | 'cms', Readonly<Record<number, string>>>> = {
  cme: {
    3: 'operation not allowed',
    4: 'operation not supported',
    11: 'SIM PIN required',
    12: 'SIM PUK required',
    16: 'incorrect password',
    30: 'no network service',
  },
  cms: {
    1: 'unassigned (unallocated) number',
    302: 'operation not allowed',
    304: 'invalid PDU mode parameter',
    305: 'invalid text mode parameter',
    311: 'SIM PIN required',
    318: 'SIM PUK required',
    321: 'invalid memory index',
    322: 'memory full',
    330: 'SMSC address unknown',
    331: 'no network service',
    332: 'network timeout',
    340: 'no +CNMA acknowledgement expected',
    500: 'unknown error',
  },
};

/** @param verbosity `+CMEE`: 0 hides the codes of 27.007 behind ERROR, 2 says them in words */
export function errorText(error: CellularError, verbosity: number): string {
  const [kind, code] = 'cme' in error ? (['cme', error.cme] as const) : (['cms', error.cms] as const);
  if (kind === 'cme' && verbosity === 0) return 'ERROR';
  const said = verbosity === 2 ? (words[kind][code] ?? code) : code;
  return `+${kind.toUpperCase()} ERROR: ${said}`;
}
