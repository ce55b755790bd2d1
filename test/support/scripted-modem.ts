import type {
  BindingInterface,
  BindingPortInterface,
  OpenOptions,
  PortStatus,
  SetOptions,
} from '@serialport/bindings-interface';
import { silentLog } from '../../src/log/log.js';
import { AtModem } from '../../src/pstn/modem/at-modem.js';
import { type OpenModemOptions, openModem } from '../../src/pstn/modem/open-modem.js';
import { OpenPort } from '../../src/pstn/modem/open-port.js';
import { ReopeningLine } from '../../src/pstn/modem/reopening-line.js';
import { openSerialPort } from '../../src/pstn/modem/serial-port.js';
import { SimulatedClock } from '../../src/time/simulated-clock.js';
import { runUntil } from './office.js';

export interface ScriptedModemOptions {
  /** A port without modem circuits: `get` and `set` fail, as on a pty. */
  readonly circuits?: boolean;
  /** Circuit 109 as a cable shows it; default: as it is. */
  readonly dcd?: 'wired' | 'strapped-on' | 'not-wired';
  readonly echo?: boolean;
  /** How a result code or information text is written. */
  readonly framing?: 'crlf' | 'cr' | 'numeric';
  /** It ignores DTR. */
  readonly ignoresDtr?: boolean;
  /** `+++` as one write leaves data. */
  readonly escape?: boolean;
}

type Reply = string | undefined | (() => undefined);

const numericCodes: Readonly<Record<string, string>> = {
  OK: '0',
  CONNECT: '1',
  RING: '2',
  'NO CARRIER': '3',
  ERROR: '4',
  'NO DIALTONE': '6',
  BUSY: '7',
  'NO ANSWER': '8',
};

/** A modem that does what a test says: every command gets OK unless a rule says otherwise. */
export class ScriptedModem {
  readonly commands: string[] = [];
  /** What came from the program in data state. */
  data: Buffer = Buffer.alloc(0);
  dtr = false;
  dtrDrops = 0;
  carrier = false;
  isData = false;
  /** Takes nothing from the program, as with CTS off. */
  isStopped = false;
  readonly #options: ScriptedModemOptions;
  readonly #rules: { readonly command: RegExp; readonly reply: (command: string) => Reply }[] = [];
  #port: MemoryPort | undefined;
  #typed = '';

  constructor(options: ScriptedModemOptions = {}) {
    this.#options = options;
  }

  readonly binding: BindingInterface = {
    list: async () => [],
    open: async (options) => {
      this.#port = new MemoryPort(this, options);
      this.setDtr(true);
      return this.#port;
    },
  };

  /** A later rule goes before an earlier one. `undefined` as a reply is silence. */
  when(command: RegExp, reply: Reply | ((command: string) => Reply)): this {
    const give = typeof reply === 'function' ? (reply as (command: string) => Reply) : () => reply;
    this.#rules.unshift({ command, reply: give });
    return this;
  }

  /** Raw octets toward the program. */
  send(octets: string | Uint8Array): void {
    this.#port?.deliver(typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets);
  }

  /** A result code or an information line, framed as this modem frames. */
  say(text: string): void {
    this.send(this.framed(text));
  }

  framed(text: string): string {
    switch (this.#options.framing) {
      case 'numeric':
        return numericCodes[text] === undefined ? `${text}\r\n` : `${numericCodes[text]}\r`;
      case 'cr':
        return `\r${text}\r`;
      default:
        return `\r\n${text}\r\n`;
    }
  }

  /** The carrier is up; `first` are octets of the far end right behind the result code. */
  connect(text = 'CONNECT 33600', first = ''): undefined {
    this.carrier = true;
    this.isData = true;
    this.send(this.framed(text) + first);
  }

  loseCarrier(text = 'NO CARRIER'): void {
    this.carrier = false;
    this.isData = false;
    this.say(text);
  }

  /** The other side of the port closes it. */
  hangUpPort(): void {
    this.#port?.hangUp();
  }

  /** The modem takes octets again. */
  resume(): void {
    this.isStopped = false;
    this.#port?.resume();
  }

  status(): PortStatus {
    if (this.#options.circuits === false) throw new Error('Inappropriate ioctl for device, cannot get');
    const { dcd = 'wired' } = this.#options;
    return { cts: true, dsr: true, dcd: dcd === 'wired' ? this.carrier : dcd === 'strapped-on' };
  }

  setDtr(on: boolean): void {
    if (this.dtr && !on) {
      this.dtrDrops++;
      if (!this.#options.ignoresDtr) {
        this.carrier = false;
        this.isData = false;
      }
    }
    this.dtr = on;
  }

  set(options: SetOptions): void {
    if (this.#options.circuits === false) throw new Error('Inappropriate ioctl for device, cannot set');
    this.setDtr(options.dtr ?? true);
  }

  take(octets: Uint8Array): void {
    if (this.isData && this.#options.escape && Buffer.from(octets).equals(Buffer.from('+++'))) {
      this.isData = false;
      this.say('OK');
    } else if (this.isData) this.data = Buffer.concat([this.data, octets]);
    else this.#type(Buffer.from(octets).toString('latin1'));
  }

  #type(text: string): void {
    for (const character of text) {
      this.#typed += character;
      if (this.#options.echo) this.send(character);
      if (character === '\r') this.#execute(this.#typed.slice(0, -1));
    }
  }

  #execute(command: string): void {
    this.#typed = '';
    this.commands.push(command);
    if (command === '' && !this.#rules.some((rule) => rule.command.test(''))) return;
    const rule = this.#rules.find((it) => it.command.test(command));
    const reply = rule ? rule.reply(command) : 'OK';
    if (/^ATH/.test(command)) this.carrier = false;
    if (typeof reply === 'string') this.say(reply);
  }
}

/** One opening of the scripted modem's port. */
class MemoryPort implements BindingPortInterface {
  readonly openOptions: Required<OpenOptions>;
  isOpen = true;
  readonly #modem: ScriptedModem;
  #unread: Buffer = Buffer.alloc(0);
  #read: ((octets: Buffer | Error) => void) | undefined;
  #write: { readonly octets: Buffer; readonly done: (error?: Error) => void } | undefined;
  #isHungUp = false;

  constructor(modem: ScriptedModem, options: OpenOptions) {
    this.#modem = modem;
    this.openOptions = options as Required<OpenOptions>;
  }

  deliver(octets: Uint8Array): void {
    this.#unread = Buffer.concat([this.#unread, octets]);
    this.#serve();
  }

  hangUp(): void {
    this.#isHungUp = true;
    this.#serve();
  }

  resume(): void {
    const write = this.#write;
    if (!write) return;
    this.#write = undefined;
    this.#modem.take(write.octets);
    write.done();
  }

  read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }> {
    return new Promise((resolve, reject) => {
      this.#read = (octets) => {
        if (octets instanceof Error) return reject(octets);
        const bytesRead = octets.copy(buffer, offset, 0, length);
        this.#unread = octets.subarray(bytesRead);
        resolve({ buffer, bytesRead });
      };
      this.#serve();
    });
  }

  #serve(): void {
    const read = this.#read;
    if (!read || (this.#unread.length === 0 && !this.#isHungUp)) return;
    this.#read = undefined;
    read(this.#unread.length > 0 ? this.#unread : new Error('hung up'));
  }

  write(octets: Buffer): Promise<void> {
    if (!this.isOpen) return Promise.reject(canceled());
    return new Promise((resolve, reject) => {
      this.#write = {
        octets: Buffer.from(octets),
        done: (error) => (error ? reject(error) : resolve()),
      };
      if (!this.#modem.isStopped) this.resume();
    });
  }

  async close(): Promise<void> {
    this.isOpen = false;
    this.#write?.done(canceled());
    this.#read?.(canceled());
    this.#modem.setDtr(false);
  }

  async set(options: SetOptions): Promise<void> {
    this.#modem.set(options);
  }

  async get(): Promise<PortStatus> {
    return this.#modem.status();
  }

  async flush(): Promise<void> {
    this.#unread = Buffer.alloc(0);
    this.#write?.done();
    this.#write = undefined;
  }

  async drain(): Promise<void> {}
  async update(): Promise<void> {}
  async getBaudRate(): Promise<{ baudRate: number }> {
    return { baudRate: this.openOptions.baudRate };
  }
}

function canceled(): Error {
  return Object.assign(new Error('closed'), { canceled: true });
}

/** Runs `clock` until `promise` settles. */
export async function settled<T>(clock: SimulatedClock, promise: Promise<T>, limitMs?: number): Promise<T> {
  let isSettled = false;
  const note = () => {
    isSettled = true;
  };
  promise.then(note, note);
  await runUntil(clock, () => isSettled, limitMs);
  return promise;
}

/** The driver on a scripted modem, opened as a `sim:` line: circuits, no gap between commands. */
export async function openScripted(
  dce: ScriptedModem,
  options: Partial<Pick<OpenModemOptions, 'initialise' | 'log'>> = {},
) {
  const clock = new SimulatedClock();
  const opening = openModem('sim:5550101', { clock, log: silentLog, simBinding: dce.binding, ...options });
  return { clock, modem: await settled(clock, opening) };
}

/** The driver on a scripted modem behind a port that has no circuits and is closed and opened instead. */
export async function openScriptedReopening(
  dce: ScriptedModem,
  { commandGapMs = 0, initialise = [] }: { commandGapMs?: number; initialise?: readonly string[] } = {},
) {
  const clock = new SimulatedClock();
  const way = {
    async open() {
      const stream = await openSerialPort(dce.binding, 'scripted', 115_200);
      const port = new OpenPort(stream);
      return {
        port,
        shut: () => port.settle((done) => stream.close(done)),
        drain: () => port.settle((done) => stream.drain(done)),
      };
    },
  };
  const line = await ReopeningLine.open(way, clock);
  const timing = { commandGapMs, dtrOffMs: 100, settleMs: 20 };
  const modem = new AtModem({ url: 'pty:scripted', line, timing, clock, log: silentLog, initialise });
  await settled(clock, modem.start());
  return { clock, modem };
}
