import type { SerialPortStream } from '@serialport/stream';
import { OpenPort } from './open-port.js';
import type { SerialLine, SerialLineListener } from './serial-line.js';

/** A serial port with circuits: real hardware, or a simulated modem in this process. */
export class CircuitLine implements SerialLine {
  readonly dtr: 'circuit' | 'none';
  readonly #stream: SerialPortStream;
  readonly #port: OpenPort;
  #closing = false;

  private constructor(stream: SerialPortStream, dtr: 'circuit' | 'none') {
    this.#stream = stream;
    this.#port = new OpenPort(stream);
    this.dtr = dtr;
  }

  /** Takes over an opened port; its DTR is on from here. */
  static async over(stream: SerialPortStream): Promise<CircuitLine> {
    return new CircuitLine(stream, (await setCircuits(stream, true)) ? 'circuit' : 'none');
  }

  listen(listener: SerialLineListener): void {
    this.#port.listen({
      octets: (octets) => listener.octets(octets),
      closed: (cause) => {
        if (!this.#closing) listener.lost(cause ?? new Error('the port was closed'));
      },
    });
  }

  write(octets: Uint8Array): Promise<void> {
    return this.#port.write(octets);
  }

  drain(): Promise<void> {
    return this.#port.settle((done) => this.#stream.drain(done));
  }

  discardOutput(): Promise<void> {
    return this.#port.settle((done) => this.#stream.flush(done));
  }

  pause(): void {
    this.#port.pause();
  }

  resume(): void {
    this.#port.resume();
  }

  async setDtr(on: boolean): Promise<void> {
    if (!this.#port.isClosed) await setCircuits(this.#stream, on);
  }

  carrierDetect(): Promise<boolean | undefined> {
    if (this.#port.isClosed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#stream.get((error, circuits) => resolve(error ? undefined : circuits?.dcd));
    });
  }

  close(): Promise<void> {
    this.#closing = true;
    return this.#port.settle((done) => this.#stream.close(done));
  }
}

/** Both circuits each time: a call that names one of them switches the other on. False where the port has none. */
function setCircuits(stream: SerialPortStream, dtr: boolean): Promise<boolean> {
  return new Promise((resolve) => stream.set({ dtr, rts: true }, (error) => resolve(!error)));
}
