import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { Circuits, DteListener, DtePort } from '../dte.js';

/**
 * A modem's serial port as a TCP port for one program at a time. A connection is DTR on, its end DTR off; the
 * other circuits cannot be shown, so a lost carrier is told by its result code alone.
 */
export class TcpPort implements DtePort {
  readonly #modem: DteListener;
  readonly #host: string;
  readonly #port: number;
  readonly #server = createServer((socket) => this.#accept(socket));
  #program: Socket | undefined;
  #untaken: Uint8Array = new Uint8Array();
  #isClearToSend = true;
  /** The program is gone; what it wrote last still waits for the modem. */
  #isLeaving = false;

  /** @param url `tcp://host:port`  @throws when it is not one */
  constructor(url: string, modem: DteListener) {
    const { protocol, hostname, port } = new URL(url);
    if (protocol !== 'tcp:' || port === '') {
      throw new Error(`A TCP port is written tcp://127.0.0.1:7101; "${url}" is not.`);
    }
    this.#host = hostname.replace(/^\[|\]$/g, '');
    this.#port = Number(port);
    this.#modem = modem;
  }

  /** Listens. Rejects when the port is taken. */
  async open(): Promise<void> {
    this.#server.listen(this.#port, this.#host);
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
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
    else this.#program?.pause();
  }

  resume(): void {
    if (this.#untaken.length > 0) this.#offer(this.#untaken);
    if (this.#untaken.length > 0) return;
    if (this.#isLeaving) this.#hangUp();
    else if (this.#isClearToSend) this.#program?.resume();
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
    this.#untaken = octets.subarray(this.#modem.received(octets));
    if (this.#untaken.length > 0) this.#program?.pause();
  }

  #left(): void {
    this.#isLeaving = true;
    if (this.#untaken.length === 0) this.#hangUp();
  }

  #hangUp(): void {
    this.#isLeaving = false;
    this.#program = undefined;
    this.#modem.dtr(false);
  }
}
