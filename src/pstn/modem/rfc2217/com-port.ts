import { bigEndian, fromBigEndian } from '../../../bytes/big-endian.js';

/** The COM-PORT-OPTION (RFC 2217): what client and port server say about the serial port. Pure. */
export type ComPortMessage =
  /** Without text it asks for ours. */
  | { readonly kind: 'signature'; readonly text: string }
  /** bit/s, as it is now. */
  | { readonly kind: 'baud-rate'; readonly baudRate: number }
  | { readonly kind: 'data-size' | 'parity' | 'stop-size' | 'control'; readonly value: number }
  | { readonly kind: 'line-state'; readonly errors: readonly LineError[] }
  | { readonly kind: 'modem-state'; readonly circuits: ComPortCircuits }
  | { readonly kind: 'suspend' | 'resume' | 'line-state-mask' | 'modem-state-mask' | 'purge' };

export interface ComPortCircuits {
  readonly cts: boolean;
  readonly dsr: boolean;
  readonly ri: boolean;
  readonly dcd: boolean;
}

export type LineError = 'break' | 'framing' | 'parity' | 'overrun';

const code = {
  signature: 0,
  baudRate: 1,
  dataSize: 2,
  parity: 3,
  stopSize: 4,
  control: 5,
  lineState: 6,
  modemState: 7,
  suspend: 8,
  resume: 9,
  lineStateMask: 10,
  modemStateMask: 11,
  purge: 12,
} as const;

/** A server's codes are the client's, and this more. */
const fromServer = 100;

const control = { hardwareFlow: 3, dtrOn: 8, dtrOff: 9, rtsOn: 11 } as const;
const eightBits = 8;
const noParity = 1;
const oneStopBit = 1;
const allOfModemState = 0xff;
const lineErrorBits: readonly (readonly [number, LineError])[] = [
  [0x10, 'break'],
  [0x08, 'framing'],
  [0x04, 'parity'],
  [0x02, 'overrun'],
];
const lineErrorMask = lineErrorBits.reduce((mask, [bit]) => mask | bit, 0);
const purgeTransmitBuffer = 2;
const longestSignature = 80;

/** What the client says, without the telnet frame. */
export const comPort = {
  signature: (text: string) => Buffer.from([code.signature, ...Buffer.from(text, 'latin1')]),
  askBaudRate: () => Buffer.from([code.baudRate, ...bigEndian(0, 4)]),
  setBaudRate: (baudRate: number) => Buffer.from([code.baudRate, ...bigEndian(baudRate, 4)]),
  eightBits: () => Buffer.from([code.dataSize, eightBits]),
  noParity: () => Buffer.from([code.parity, noParity]),
  oneStopBit: () => Buffer.from([code.stopSize, oneStopBit]),
  hardwareFlow: () => Buffer.from([code.control, control.hardwareFlow]),
  dtr: (on: boolean) => Buffer.from([code.control, on ? control.dtrOn : control.dtrOff]),
  rtsOn: () => Buffer.from([code.control, control.rtsOn]),
  lineStateMask: () => Buffer.from([code.lineStateMask, lineErrorMask]),
  modemStateMask: () => Buffer.from([code.modemStateMask, allOfModemState]),
  /** Throws away what waits in the port server to go to the modem. */
  purgeOutput: () => Buffer.from([code.purge, purgeTransmitBuffer]),
} as const;

/** Whether `reply` says that the port is now as `order` wants it; `undefined` when it answers something else. */
export function confirms(order: Uint8Array, reply: ComPortMessage): boolean | undefined {
  const [what, wanted = 0] = order;
  switch (reply.kind) {
    case 'signature':
      return what === code.signature && reply.text !== '' ? true : undefined;
    case 'baud-rate': {
      if (what !== code.baudRate) return undefined;
      const asked = fromBigEndian(order.subarray(1));
      return asked === 0 || asked === reply.baudRate;
    }
    case 'data-size':
      return what === code.dataSize ? reply.value === wanted : undefined;
    case 'parity':
      return what === code.parity ? reply.value === wanted : undefined;
    case 'stop-size':
      return what === code.stopSize ? reply.value === wanted : undefined;
    case 'control':
      if (what !== code.control || controlGroup(reply.value) !== controlGroup(wanted)) return undefined;
      return reply.value === wanted;
    case 'purge':
      return what === code.purge ? true : undefined;
    case 'line-state-mask':
      return what === code.lineStateMask ? true : undefined;
    // ser2net answers the mask with the state alone.
    case 'modem-state-mask':
    case 'modem-state':
      return what === code.modemStateMask ? true : undefined;
    default:
      return undefined;
  }
}

/** SET-CONTROL has several things under one code: flow control out, BREAK, DTR, RTS, flow control in. */
function controlGroup(value: number): number {
  const last = [3, 6, 9, 12, 16].findIndex((end) => value <= end);
  return last < 0 ? 0 : last;
}

/** What a server said, without the telnet frame; `undefined` for what has no meaning. */
export function parseComPort(octets: Uint8Array): ComPortMessage | undefined {
  const [first, value] = octets;
  if (first === undefined) return undefined;
  const body = octets.subarray(1);
  switch (first - fromServer) {
    case code.signature:
      return { kind: 'signature', text: printable(body) };
    case code.baudRate: {
      const baudRate = body.length === 4 ? fromBigEndian(body) : undefined;
      return baudRate === undefined ? undefined : { kind: 'baud-rate', baudRate };
    }
    case code.suspend:
      return { kind: 'suspend' };
    case code.resume:
      return { kind: 'resume' };
  }
  if (value === undefined || body.length !== 1) return undefined;
  switch (first - fromServer) {
    case code.dataSize:
      return { kind: 'data-size', value };
    case code.parity:
      return { kind: 'parity', value };
    case code.stopSize:
      return { kind: 'stop-size', value };
    case code.control:
      return { kind: 'control', value };
    case code.lineState:
      return {
        kind: 'line-state',
        errors: lineErrorBits.filter(([bit]) => value & bit).map(([, error]) => error),
      };
    case code.modemState:
      return { kind: 'modem-state', circuits: circuitsIn(value) };
    case code.lineStateMask:
      return { kind: 'line-state-mask' };
    case code.modemStateMask:
      return { kind: 'modem-state-mask' };
    case code.purge:
      return { kind: 'purge' };
    default:
      return undefined;
  }
}

function circuitsIn(state: number): ComPortCircuits {
  return {
    dcd: (state & 0x80) !== 0,
    ri: (state & 0x40) !== 0,
    dsr: (state & 0x20) !== 0,
    cts: (state & 0x10) !== 0,
  };
}

/** A stranger's words, fit for a log and a terminal. */
function printable(octets: Uint8Array): string {
  return Buffer.from(octets)
    .toString('latin1')
    .replace(/[^\x20-\x7e]/g, '')
    .slice(0, longestSignature)
    .trim();
}
