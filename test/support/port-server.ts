import type { Duplex } from 'node:stream';
import type { BindingInterface, BindingPortInterface } from '@serialport/bindings-interface';
import type { Clock, Timer } from '../../src/time/clock.js';

export interface PortServerOptions {
  readonly clock: Clock;
  /** Where its serial port is. */
  readonly binding: BindingInterface;
  readonly path: string;
  /** What it does not do, or does otherwise. */
  readonly without?: readonly ('com-port' | 'binary' | 'dtr' | 'circuits' | 'marks' | 'telnet')[];
  /** The speed that it sets whatever it is asked for. */
  readonly stuckAt?: number;
  /** The serial port stays open, DTR on, when the client has gone. */
  readonly keepsPort?: boolean;
  /** It goes on with a client that has ended its side. */
  readonly ignoresEnd?: boolean;
}

const [se, sb, will, wont, to, dont, iac] = [240, 250, 251, 252, 253, 254, 255] as const;
const circuitsEveryMs = 50;

/**
 * A port server of RFC 2217 for one client at a time, written from the RFC alone: it shares no code with the client,
 * so that a fault of one does not hide in the other.
 */
export class PortServer {
  readonly orders: string[] = [];
  readonly refused: string[] = [];
  connections = 0;
  /** It answers no telnet any more; octets pass. */
  isMute = false;
  /** Octets from the client that the serial port has not taken; it keeps as many as come, as sockets seem to. */
  waiting = 0;
  baudRate = 9_600;
  #port: BindingPortInterface | undefined;
  #client: Duplex | undefined;
  readonly #options: PortServerOptions;
  #timer: Timer;
  #work: Promise<void> = Promise.resolve();
  #lastState = -1;
  #isBinary = false;
  #refusesClients = false;

  constructor(options: PortServerOptions) {
    this.#options = options;
  }

  /** What a client of this server gets; rejects while `refuseClients`. */
  async accept(client: Duplex): Promise<void> {
    if (this.#refusesClients) throw new Error('connect ECONNREFUSED');
    if (this.#client) {
      client.end('Port already in use\r\n');
      return;
    }
    this.connections++;
    this.#client = client;
    this.#isBinary = false;
    this.#lastState = -1;
    let unread: Buffer = Buffer.alloc(0);
    client.on('data', (octets: Buffer) => {
      unread = this.#parse(Buffer.concat([unread, octets]));
    });
    if (!this.#options.ignoresEnd) client.once('end', () => void this.hangUp());
    client.once('close', () => void this.hangUp());
    this.#port ??= await this.#openPort();
    if (!this.#lacks('telnet')) this.say([iac, will, 3, iac, to, 3, iac, will, 1]);
    this.#watch();
  }

  set refusesClients(refuse: boolean) {
    this.#refusesClients = refuse;
  }

  /** Ends the client's connection, and lets the port go unless it keeps it. */
  async hangUp(): Promise<void> {
    const client = this.#client;
    if (!client) return;
    this.#client = undefined;
    this.#options.clock.clearTimeout(this.#timer);
    client.end();
    await this.#work;
    if (this.#options.keepsPort) return;
    const port = this.#port;
    this.#port = undefined;
    await port?.close();
  }

  /** As it is, to the client. */
  say(octets: readonly number[] | Buffer): void {
    if (!this.isMute) this.#client?.write(Buffer.from(octets));
  }

  comPort(code: number, ...body: number[]): void {
    const doubled = body.flatMap((octet) => (octet === iac ? [iac, iac] : [octet]));
    this.say([iac, sb, 44, 100 + code, ...doubled, iac, se]);
  }

  async #openPort(): Promise<BindingPortInterface> {
    const port = await this.#options.binding.open({
      path: this.#options.path,
      baudRate: this.baudRate,
    } as Parameters<BindingInterface['open']>[0]);
    void this.#pass(port);
    return port;
  }

  async #pass(port: BindingPortInterface): Promise<void> {
    const buffer = Buffer.alloc(512);
    for (;;) {
      const { bytesRead } = await port.read(buffer, 0, buffer.length).catch(() => ({ bytesRead: 0 }));
      if (bytesRead === 0) {
        if (this.#port === port) {
          this.#port = undefined;
          await this.hangUp();
        }
        return;
      }
      const octets = [...buffer.subarray(0, bytesRead)].flatMap((octet) => {
        if (octet === iac && !this.#lacks('telnet')) return [iac, iac];
        return octet === 13 && !this.#isBinary && !this.#lacks('telnet') ? [13, 0] : [octet];
      });
      const client = this.#client;
      if (client && !client.write(Buffer.from(octets)))
        await new Promise<void>((resolve) => {
          client.once('drain', resolve);
          client.once('close', resolve);
        });
    }
  }

  #lacks(what: NonNullable<PortServerOptions['without']>[number]): boolean {
    return this.#options.without?.includes(what) === true;
  }

  /** Returns what is not complete yet. */
  #parse(octets: Buffer): Buffer {
    if (this.#lacks('telnet')) {
      this.#write(octets);
      return Buffer.alloc(0);
    }
    let at = 0;
    while (at < octets.length) {
      const next = octets.indexOf(iac, at);
      const end = next < 0 ? octets.length : next;
      if (end > at) {
        const data = octets.subarray(at, end);
        this.#write(
          this.#isBinary ? data : Buffer.from(data.toString('latin1').replaceAll('\r\0', '\r'), 'latin1'),
        );
      }
      at = end;
      if (next < 0) break;
      const verb = octets[at + 1];
      if (verb === undefined) break;
      if (verb === iac) {
        this.#write(Buffer.from([iac]));
        at += 2;
      } else if (verb === sb) {
        const close = this.#endOf(octets, at + 2);
        if (close < 0) break;
        const inner = octets
          .subarray(at + 3, close)
          .toString('latin1')
          .replaceAll('\xff\xff', '\xff');
        this.#then(() => this.#order(Buffer.from(inner, 'latin1')));
        at = close + 2;
      } else {
        const option = octets[at + 2];
        if (option === undefined) break;
        this.#then(() => this.#negotiate(verb, option));
        at += 3;
      }
    }
    return octets.subarray(at);
  }

  #endOf(octets: Buffer, from: number): number {
    for (let at = from; at + 1 < octets.length; at++) {
      if (octets[at] !== iac) continue;
      if (octets[at + 1] === se) return at;
      at++;
    }
    return -1;
  }

  /** In the order in which it came: a mark behind data is answered when the modem has taken the data. */
  #then(run: () => void | Promise<void>): void {
    this.#work = this.#work.then(run).catch(() => {});
  }

  #write(octets: Buffer): void {
    const copy = Buffer.from(octets);
    this.waiting += copy.length;
    this.#then(async () => {
      await this.#port?.write(copy);
      this.waiting -= copy.length;
    });
  }

  #negotiate(verb: number, option: number): void {
    if (option === 6) {
      if (verb === to && !this.#lacks('marks')) this.say([iac, wont, 6]);
      return;
    }
    const isTaken =
      (option === 44 && verb === will && !this.#lacks('com-port')) ||
      (option === 0 && !this.#lacks('binary')) ||
      option === 3;
    if (verb === wont || verb === dont) return;
    if (option === 0 && verb === to && isTaken) this.#isBinary = true;
    if (verb === will) this.say([iac, isTaken ? to : dont, option]);
    else this.say([iac, isTaken ? will : wont, option]);
  }

  async #order(octets: Buffer): Promise<void> {
    this.orders.push(octets.toString('hex'));
    const [code = 0, value = 0] = octets;
    switch (code) {
      case 0:
        this.comPort(0, ...Buffer.from('test server'));
        return;
      case 1: {
        const asked = octets.readUInt32BE(1);
        if (asked !== 0) this.baudRate = this.#options.stuckAt ?? asked;
        const answer = Buffer.alloc(4);
        answer.writeUInt32BE(this.baudRate);
        this.comPort(1, ...answer);
        return;
      }
      case 5:
        if (value === 8 || value === 9) {
          if (this.#lacks('dtr')) return;
          await this.#port?.set({ dtr: value === 8, rts: true });
        }
        this.comPort(5, value);
        return;
      case 11:
        if (this.#lacks('circuits')) return;
        this.comPort(11, value);
        this.#lastState = -1;
        return;
      case 12:
        await this.#port?.flush();
        this.comPort(12, value);
        return;
      default:
        this.comPort(code, value);
    }
  }

  /** Sends NOTIFY-MODEMSTATE at a change. */
  #watch(): void {
    const look = async () => {
      const port = this.#port;
      if (!this.#client || this.#lacks('circuits')) return;
      const circuits = await port?.get().catch(() => undefined);
      if (circuits) {
        const state = (circuits.dcd ? 0x80 : 0) | (circuits.dsr ? 0x20 : 0) | (circuits.cts ? 0x10 : 0);
        if (state !== this.#lastState) this.comPort(7, state);
        this.#lastState = state;
      }
      this.#timer = this.#options.clock.setTimeout(() => void look(), circuitsEveryMs);
    };
    this.#timer = this.#options.clock.setTimeout(() => void look(), circuitsEveryMs);
  }
}
