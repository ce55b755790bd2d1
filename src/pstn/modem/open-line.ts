import type { BindingInterface } from '@serialport/bindings-interface';
import type { Log } from '../../log/log.js';
import type { Clock } from '../../time/clock.js';
import { CircuitLine } from './circuit-line.js';
import type { LineUrl } from './line-url.js';
import { ptyPort, tcpPort } from './reopenable-ports.js';
import { ReopeningLine } from './reopening-line.js';
import { rfc2217Port } from './rfc2217/rfc2217-port.js';
import type { SerialLine } from './serial-line.js';
import { hangUpAwareBinding, openSerialPort } from './serial-port.js';
import { connectSocket } from './socket.js';

/** What differs between a real modem and a simulated one, in milliseconds. */
export interface LineTiming {
  /** Between a result code and the next command: V.250 modems want 100. */
  readonly commandGapMs: number;
  /** DTR off; must exceed the modem's S25 (50 ms) and, on a pty, the 100 ms in which an office reads its speed. */
  readonly dtrOffMs: number;
  /** After a hang-up, until no result code of it can come any more. */
  readonly settleMs: number;
}

const timings: Readonly<Record<LineUrl['kind'], LineTiming>> = {
  serial: { commandGapMs: 100, dtrOffMs: 500, settleMs: 250 },
  sim: { commandGapMs: 0, dtrOffMs: 100, settleMs: 20 },
  pty: { commandGapMs: 0, dtrOffMs: 300, settleMs: 50 },
  // A real modem may stand behind it.
  tcp: { commandGapMs: 100, dtrOffMs: 200, settleMs: 100 },
  rfc2217: { commandGapMs: 100, dtrOffMs: 500, settleMs: 250 },
};

/** Simulated modems take any speed. */
const simBaudRate = 115_200;

export interface OpenLineOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly simBinding?: BindingInterface | undefined;
}

/** Opens the port that `url` names, DTR on; rejects with the operating system's or the binding's error. */
export async function openLine(
  url: LineUrl,
  options: OpenLineOptions,
): Promise<{ readonly line: SerialLine; readonly timing: LineTiming }> {
  return { line: await openPortOf(url, options), timing: timings[url.kind] };
}

async function openPortOf(url: LineUrl, options: OpenLineOptions): Promise<SerialLine> {
  const { clock, log, simBinding } = options;
  switch (url.kind) {
    case 'serial':
      return CircuitLine.over(await openSerialPort(hangUpAwareBinding, url.path, url.baudRate), clock);
    case 'sim':
      if (!simBinding) throw new Error('this program runs no simulated telephone network');
      return CircuitLine.over(await openSerialPort(simBinding, url.number, simBaudRate), clock);
    case 'pty':
      return ReopeningLine.open(ptyPort(url.path), clock);
    case 'tcp':
      return ReopeningLine.open(tcpPort(url.host, url.port, clock), clock);
    case 'rfc2217': {
      const { host, port, baudRate } = url;
      const connect = () => connectSocket(host, port, clock);
      const way = rfc2217Port({ url: `rfc2217://${host}:${port}`, baudRate, clock, log, connect });
      return ReopeningLine.open(way, clock);
    }
  }
}
