import type { Duplex } from 'node:stream';
import type { Log } from '../../../log/log.js';
import type { Clock } from '../../../time/clock.js';
import { OpenPort } from '../open-port.js';
import type { Reopenable, ReopenablePort } from '../reopening-line.js';
import { shutSocket } from '../socket.js';
import { type ComPortMessage, comPort } from './com-port.js';
import { TelnetPort } from './telnet-port.js';

/** A port server’s own buffer and its tty’s: 4 KiB before a UART, 27 KiB seen before a pty. Neither DTR nor a closing waits for it. */
const hiddenOctets = 32 * 1_024;

/** With marks nothing unread is on the way; some servers keep a connection that their client has ended. */
const markedShutMs = 5_000;

export interface Rfc2217Options {
  readonly url: string;
  /** bit/s; without it the port keeps the speed that its server gave it. */
  readonly baudRate: number | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Rejects with the reason why there is no connection. */
  connect(): Promise<Duplex>;
}

/** What the port server was found to do for us. */
interface Abilities {
  readonly isComPort: boolean;
  readonly dtr: boolean;
  /** A sentence each, for people. */
  readonly remarks: readonly string[];
}

/** A serial port at a port server, by RFC 2217; as plain telnet where the server knows no more. */
export function rfc2217Port(options: Rfc2217Options): Reopenable {
  const { clock } = options;
  let said = '';
  return {
    async open(): Promise<ReopenablePort> {
      const socket = await options.connect();
      const telnet = new TelnetPort(socket, clock);
      const port = new OpenPort(telnet);
      const { isComPort, dtr, remarks } = await setUp(telnet, options).catch((error: unknown) => {
        telnet.destroy();
        throw error;
      });
      // Once, and again when it has changed: a line is opened after each call.
      if (said !== remarks.join()) {
        options.log[isComPort ? 'info' : 'warn']({ line: options.url }, `port server: ${remarks.join('; ')}`);
      }
      said = remarks.join();
      return {
        port,
        shut: () => shutSocket(telnet, port, clock, telnet.marksWork ? markedShutMs : undefined),
        drain: () => port.settle((done) => void telnet.drained().then(done)),
        remarks,
        hiddenOctets,
        canDropDtr: dtr ? 'yes' : 'perhaps',
        circuits: () => telnet.circuits,
        ...(isComPort && { discardOutput: () => telnet.discard() }),
        ...(dtr && { signalDtr: (on: boolean) => telnet.tell(comPort.dtr(on)) }),
      };
    },
  };
}

async function setUp(telnet: TelnetPort, options: Rfc2217Options): Promise<Abilities> {
  const heard = new ServerReports(telnet, options);
  const peer = await telnet.negotiate(heard);
  if (telnet.isGone) throw new Error(closedAtOnce(telnet));
  if (peer === 'no-telnet') {
    throw new Error(
      'it answers no telnet; if it passes octets as they are, write tcp:// in place of rfc2217://',
    );
  }
  if (peer === 'telnet') return plainTelnet;
  const { baudRate } = options;
  const speed = baudRate === undefined ? comPort.askBaudRate() : comPort.setBaudRate(baudRate);
  const orders = {
    speed,
    '8 data bits': comPort.eightBits(),
    'no parity': comPort.noParity(),
    '1 stop bit': comPort.oneStopBit(),
    'RTS/CTS': comPort.hardwareFlow(),
    DTR: comPort.dtr(true),
    RTS: comPort.rtsOn(),
    'notice of line errors': comPort.lineStateMask(),
    'notice of circuits': comPort.modemStateMask(),
    signature: comPort.signature(''),
  };
  const answers = await Promise.all(
    Object.entries(orders).map(async ([name, order]) => ({ name, answer: await telnet.order(order) })),
  );
  if (telnet.isGone) throw new Error(closedAtOnce(telnet));
  if (answers.every(({ answer }) => answer === undefined)) return plainTelnet;
  const named = (answer: boolean | undefined) =>
    answers.filter((each) => each.answer === answer && each.name !== 'signature').map(({ name }) => name);
  const isDtr = answers.some(({ name, answer }) => name === 'DTR' && answer === true);
  const remarks = [
    `RFC 2217${heard.text && ` (${heard.text})`}`,
    ...(heard.baudRate > 0 ? [`the port runs at ${heard.baudRate} bit/s`] : []),
    ...listed('refused', named(false)),
    ...listed('not confirmed', named(undefined)),
    ...(isDtr ? [] : [withoutDtr]),
  ];
  return { isComPort: true, dtr: isDtr, remarks };
}

const withoutDtr = 'calls end by closing the connection, else by the escape';

const plainTelnet: Abilities = {
  isComPort: false,
  dtr: false,
  remarks: ['plain telnet without RFC 2217', 'the speed is the server’s', withoutDtr],
};

function listed(what: string, names: readonly string[]): string[] {
  return names.length > 0 ? [`${what}: ${names.join(', ')}`] : [];
}

/** Servers of one client at a time say so and close. */
function closedAtOnce(telnet: TelnetPort): string {
  const said = String(telnet.read() ?? '')
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim();
  const words = said === '' ? '' : `; it said "${said.slice(0, 120)}"`;
  return `the port server closed the connection at once${words}`;
}

/** What the server tells of itself and of its port. */
class ServerReports {
  text = '';
  /** bit/s; 0 until it is known. */
  baudRate = 0;
  readonly #telnet: TelnetPort;
  readonly #options: Rfc2217Options;
  readonly #noticed = new Set<string>();

  constructor(telnet: TelnetPort, options: Rfc2217Options) {
    this.#telnet = telnet;
    this.#options = options;
  }

  comPort(message: ComPortMessage): void {
    switch (message.kind) {
      case 'signature':
        if (message.text === '') this.#telnet.tell(comPort.signature('Cordboard'));
        else this.text = message.text;
        return;
      case 'baud-rate':
        this.baudRate = message.baudRate;
        return;
      case 'line-state':
        for (const error of message.errors) this.#lineError(error);
    }
  }

  /** Each kind once for each opening: a line with the wrong speed has thousands. */
  #lineError(error: string): void {
    if (error === 'break' || this.#noticed.has(error)) return;
    this.#noticed.add(error);
    const meaning =
      error === 'overrun'
        ? 'the port server loses octets; switch on its RTS/CTS flow control'
        : 'the port server hears wrong characters; the speeds of port and modem may differ';
    this.#options.log.warn({ line: this.#options.url, error }, meaning);
  }
}
