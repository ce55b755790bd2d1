import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { Log } from '../../../log/log.js';
import type { Clock, Timer } from '../../../time/clock.js';
import type { Circuits, DteListener, DtePort } from '../dte.js';
import { lastOctetsMs } from './last-octets.js';

const noUrl = { protocol: '', hostname: '', port: '' };

/** Read ahead of a modem that takes none: a program's leaving shows only behind the last octet that it wrote. */
const readAheadOctets = 65_536;

/**
 * A modem's serial port as a TCP port for one program at a time. A connection is DTR on, its end DTR off; the
 * other circuits cannot be shown, so a lost carrier is told by its result code alone.
 */
export class TcpPort implements DtePort {
  readonly #modem: DteListener;
  readonly #url: string;
  readonly #host: string;
  readonly #port: number;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #server = createServer((socket) => this.#accept(socket));
  #program: Socket | undefined;
  #untaken: Uint8Array = new Uint8Array();
  #isClearToSend = true;
  /** The program is gone; what it wrote last still waits for the modem. */
  #isLeaving = false;
  /** Runs while it is leaving. */
  #lastOctetsTimer: Timer;

  /** @param url `tcp://host:port`  @throws when it is not one */
  constructor(url: string, modem: DteListener, { clock, log }: { clock: Clock; log: Log }) {
    const { protocol, hostname, port } = URL.canParse(url) ? new URL(url) : noUrl;
    if (protocol !== 'tcp:' || port === '') {
      throw new Error(`A TCP port is written tcp://127.0.0.1:7101; "${url}" is not.`);
    }
    this.#url = url;
    this.#host = hostname.replace(/^\[|\]$/g, '');
    this.#port = Number(port);
    this.#modem = modem;
    this.#clock = clock;
    this.#log = log;
  }

  /** Listens. Rejects when the port is taken, or the host is not this one. */
  async open(): Promise<void> {
    this.#server.listen(this.#port, this.#host);
    try {
      await once(this.#server, 'listening');
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      const why =
        code === 'EADDRINUSE'
          ? 'another program has that port. Stop it, or give the line another port.'
          : `${message}. Give the line an address of this host, such as tcp://127.0.0.1:7101.`;
      throw new Error(`Nothing can be exposed at ${this.#url}: ${why}`, { cause });
    }
    this.#server.on('error', ({ message }) => {
      this.#log.warn({ host: this.#host, port: this.#port, error: message }, 'a program could not connect');
    });
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#clock.clearTimeout(this.#lastOctetsTimer);
    this.#untaken = new Uint8Array();
    this.#program?.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  send(octets: Uint8Array): void {
    const program = this.#program;
    program?.write(octets, () => {
      if (program === this.#program && program.writableLength === 0) this.#modem.drained();
    });
  }

  pending(): number {
    return this.#program?.writableLength ?? 0;
  }

  circuits(state: Circuits): void {
    this.#isClearToSend = state.cts;
    if (state.cts) this.resume();
  }

  resume(): void {
    if (this.#untaken.length > 0) this.#untaken = this.#untaken.subarray(this.#modem.received(this.#untaken));
    if (this.#untaken.length < readAheadOctets) this.#program?.resume();
    if (this.#isLeaving && this.#untaken.length === 0) this.#hangUp();
  }

  #accept(socket: Socket): void {
    socket.on('error', () => {}); // 'close' follows
    if (this.#program) {
      socket.end('BUSY\r\n', () => socket.destroy());
      return;
    }
    this.#program = socket;
    socket.setNoDelay(true);
    socket.on('data', (octets) => this.#offer(octets));
    socket.on('close', () => this.#left());
    this.#modem.dtr(true);
  }

  #offer(octets: Uint8Array): void {
    if (this.#untaken.length > 0 || !this.#isClearToSend)
      this.#untaken = Buffer.concat([this.#untaken, octets]);
    else this.#untaken = octets.subarray(this.#modem.received(octets));
    if (this.#untaken.length >= readAheadOctets) this.#program?.pause();
  }

  #left(): void {
    this.#isLeaving = true;
    if (this.#untaken.length === 0) this.#hangUp();
    else this.#lastOctetsTimer = this.#clock.setTimeout(() => this.#hangUp(), lastOctetsMs);
  }

  #hangUp(): void {
    this.#clock.clearTimeout(this.#lastOctetsTimer);
    this.#isLeaving = false;
    this.#untaken = new Uint8Array();
    this.#program = undefined;
    this.#modem.dtr(false);
  }
}
