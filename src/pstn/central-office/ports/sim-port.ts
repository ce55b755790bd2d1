import type {
  BindingInterface,
  BindingPortInterface,
  OpenOptions,
  PortStatus,
  SetOptions,
  UpdateOptions,
} from '@serialport/bindings-interface';
import type { Circuits, DteListener, DtePort } from '../dte.js';
import { OctetQueue } from './octet-queue.js';

/** A modem's serial port inside this process: `sim:<number>`, opened through {@link simBinding}. */
export class SimPort implements DtePort {
  readonly path: string;
  readonly #modem: DteListener;
  #circuits: Circuits = { cts: true, dsr: true, dcd: false, ri: false };
  #open: OpenSimPort | undefined;

  constructor(path: string, modem: DteListener) {
    this.path = path;
    this.#modem = modem;
  }

  /** Throws while it is open already, as a locked device does. */
  open(options: OpenOptions): BindingPortInterface {
    if (this.#open) {
      throw new Error(
        `Cannot lock port: sim:${this.path} is open already in this program; close it there first.`,
      );
    }
    const port = new OpenSimPort(this.#modem, options, {
      status: () => ({ cts: this.#circuits.cts, dsr: this.#circuits.dsr, dcd: this.#circuits.dcd }),
      closed: () => {
        this.#open = undefined;
      },
    });
    this.#open = port;
    this.#modem.dtr(true);
    return port;
  }

  /** Takes the port away from the program that has it open: `SerialPortStream` reports a disconnection. */
  close(): void {
    this.#open?.fail(new Error('The simulated telephone network has shut down.'));
  }

  /** Octets for nobody are lost, as on a serial port that no program has open. */
  send(octets: Uint8Array): void {
    this.#open?.deliver(octets);
  }

  pending(): number {
    return this.#open?.unread() ?? 0;
  }

  circuits(state: Circuits): void {
    this.#circuits = state;
  }

  resume(): void {
    this.#open?.offer();
  }
}

/** What `SerialPortStream` takes to open `sim:` lines of one office; the path is the directory number. */
export function simBinding(office: { port(number: string): SimPort }): BindingInterface {
  return {
    list: async () => [],
    open: async (options) => office.port(options.path).open(options),
  };
}

const defaults = {
  dataBits: 8,
  lock: true,
  stopBits: 1,
  parity: 'none',
  rtscts: false,
  xon: false,
  xoff: false,
  xany: false,
  hupcl: true,
} as const;

interface PendingRead {
  readonly buffer: Buffer;
  readonly offset: number;
  readonly length: number;
  resolve(result: { buffer: Buffer; bytesRead: number }): void;
  reject(reason: Error): void;
}

interface PendingWrite {
  rest: Uint8Array;
  resolve(): void;
  reject(reason: Error): void;
}

/** One opening of a `SimPort`, as `SerialPortStream` uses it: one read and one write at a time. */
class OpenSimPort implements BindingPortInterface {
  readonly openOptions: Required<OpenOptions>;
  isOpen = true;
  readonly #modem: DteListener;
  readonly #cable: { status(): PortStatus; closed(): void };
  readonly #unread = new OctetQueue();
  #read: PendingRead | undefined;
  #write: PendingWrite | undefined;
  #written = Promise.resolve();
  #baudRate: number;
  #isReady = true;
  /** Why nothing can be read or written any more. */
  #failure: Error | undefined;

  constructor(modem: DteListener, options: OpenOptions, cable: { status(): PortStatus; closed(): void }) {
    this.openOptions = { ...defaults, ...options };
    this.#modem = modem;
    this.#cable = cable;
    this.#baudRate = options.baudRate;
  }

  // ---- the modem's side ----

  deliver(octets: Uint8Array): void {
    this.#unread.push(octets);
    const read = this.#read;
    if (!read) return;
    this.#read = undefined;
    const target = read.buffer.subarray(read.offset, read.offset + read.length);
    read.resolve({ buffer: read.buffer, bytesRead: this.#unread.takeInto(target) });
  }

  unread(): number {
    return this.#unread.length;
  }

  /** The cable is gone. It still `isOpen`: a program learns of it from its reads and writes, and closes. */
  fail(failure: Error): void {
    if (this.#failure) return;
    this.#failure = failure;
    this.#read?.reject(failure);
    this.#write?.reject(failure);
    this.#read = undefined;
    this.#write = undefined;
    this.#unread.clear();
    this.#cable.closed();
    if (this.#isReady && this.openOptions.hupcl) this.#modem.dtr(false);
  }

  offer(): void {
    const write = this.#write;
    if (!write) return;
    write.rest = write.rest.subarray(this.#modem.received(write.rest));
    if (write.rest.length > 0 || this.#write !== write) return;
    this.#write = undefined;
    write.resolve();
  }

  // ---- the program's side ----

  read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }> {
    if (this.#failure) return Promise.reject(this.#failure);
    const bytesRead = this.#unread.takeInto(buffer.subarray(offset, offset + length));
    if (bytesRead === 0) {
      return new Promise((resolve, reject) => {
        this.#read = { buffer, offset, length, resolve, reject };
      });
    }
    if (this.#unread.length === 0) this.#modem.drained();
    return Promise.resolve({ buffer, bytesRead });
  }

  write(octets: Buffer): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (octets.length === 0) return Promise.resolve();
    this.#written = new Promise((resolve, reject) => {
      this.#write = { rest: octets, resolve, reject };
      this.offer();
    });
    return this.#written;
  }

  async close(): Promise<void> {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.fail(canceled());
  }

  async set({ dtr = true }: SetOptions): Promise<void> {
    if (dtr === this.#isReady) return;
    this.#isReady = dtr;
    this.#modem.dtr(dtr);
  }

  async get(): Promise<PortStatus> {
    return this.#cable.status();
  }

  async update({ baudRate }: UpdateOptions): Promise<void> {
    this.#baudRate = baudRate;
  }

  async getBaudRate(): Promise<{ baudRate: number }> {
    return { baudRate: this.#baudRate };
  }

  async flush(): Promise<void> {
    const write = this.#write;
    this.#write = undefined;
    this.#unread.clear();
    write?.resolve();
  }

  drain(): Promise<void> {
    return this.#written;
  }
}

function canceled(): Error {
  return Object.assign(new Error('The port was closed.'), { canceled: true });
}
