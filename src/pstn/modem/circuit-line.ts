import type { SerialPortStream } from '@serialport/stream';
import type { Clock } from '../../time/clock.js';
import { wait } from '../../time/clock.js';
import { OpenPort } from './open-port.js';
import type { Circuits, DtrDrop, SerialLine, SerialLineListener } from './serial-line.js';

/** How often circuit 109 is read while DTR is off. */
const pollMs = 50;

/** A serial port with circuits: real hardware, or a simulated modem in this process. */
export class CircuitLine implements SerialLine {
  readonly canDropDtr: 'yes' | 'no';
  readonly hiddenOctets = 0;
  readonly remarks = [];
  readonly #clock: Clock;
  readonly #stream: SerialPortStream;
  readonly #port: OpenPort;
  #closing = false;

  private constructor(stream: SerialPortStream, clock: Clock, canDropDtr: boolean) {
    this.#stream = stream;
    this.#clock = clock;
    this.#port = new OpenPort(stream);
    this.canDropDtr = canDropDtr ? 'yes' : 'no';
  }

  /** Takes over an opened port; its DTR is on from here. */
  static async over(stream: SerialPortStream, clock: Clock): Promise<CircuitLine> {
    return new CircuitLine(stream, clock, await setCircuits(stream, true));
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

  async dropDtr(drop: DtrDrop): Promise<void> {
    if (this.#port.isClosed) return;
    await setCircuits(this.#stream, false);
    await wait(this.#clock, drop.offMs);
    const deadlineMs = this.#clock.monotonicMs() + drop.releaseMs;
    while (this.#clock.monotonicMs() < deadlineMs && (await drop.carrierDetect()) === true) {
      await wait(this.#clock, pollMs);
    }
    if (!this.#port.isClosed) await setCircuits(this.#stream, true);
  }

  async carrierDetect(): Promise<boolean | undefined> {
    return (await this.circuits())?.dcd;
  }

  /** serialport reads no RI and reports no change (node-serialport #1573, #1166). */
  circuits(): Promise<Circuits | undefined> {
    if (this.#port.isClosed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#stream.get((error, circuits) => resolve(error ? undefined : circuits));
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
