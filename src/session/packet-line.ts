import { ACK, NAK } from '../bytes/framing.js';
import { type Awaited, type Malformed, PacketReader } from '../bytes/packet-reader.js';
import type { DataConnection } from '../pstn/modem/modem.js';

/** The packets of one protocol. */
export interface Codec<Kind extends string, Packet> {
  encode(packet: Packet): Uint8Array;
  parse(kind: Kind, octets: Uint8Array): Packet | Malformed;
}

/** What a line reports to the machine that runs over it. */
export type LineEvent<Packet> =
  | { readonly type: 'line.connected' }
  | { readonly type: 'packet.received'; readonly packet: Packet }
  | { readonly type: 'packet.malformed'; readonly fault: string }
  | { readonly type: 'nak.received' }
  | { readonly type: 'ack.received' }
  | { readonly type: 'carrier.lost' };

/** Small enough that a slow line shows progress within the idle timer: 14 s at 2,400 bit/s. */
const pieceLength = 4096;
/** Pieces handed to the line and not yet taken. */
const piecesAhead = 4;

/** One data connection as version 1 uses it: packets and single octets, then perhaps a file, then the release. */
export class PacketLine<Kind extends string, Packet extends { readonly kind: Kind }> {
  sent = 0;
  received = 0;
  readonly #connection: DataConnection;
  readonly #codec: Codec<Kind, Packet>;
  readonly #report: (event: LineEvent<Packet>) => void;
  readonly #reader = new PacketReader();
  #kind: Kind | undefined;
  #sink: (octets: Uint8Array) => void | Promise<void> = (octets) => this.#read(octets);
  #taking: Promise<void> | undefined;
  #isOver = false;

  constructor(
    connection: DataConnection,
    codec: Codec<Kind, Packet>,
    report: (event: LineEvent<Packet>) => void,
  ) {
    this.#connection = connection;
    this.#codec = codec;
    this.#report = report;
  }

  /** @param opening octets that were read from the connection before */
  begin(opening: Uint8Array = new Uint8Array()): void {
    const { octets } = this.#connection;
    octets.on('data', (chunk: Uint8Array) => this.#take(chunk));
    for (const event of ['end', 'close', 'error']) octets.on(event, this.#lost);
    this.#report({ type: 'line.connected' });
    if (opening.length > 0) this.#take(opening);
    if (octets.readableEnded || octets.destroyed) void this.#lost();
    else octets.resume();
  }

  expect({ kind, ...awaited }: Awaited & { readonly kind?: Kind }): void {
    this.#kind = kind;
    this.#reader.expect(awaited);
  }

  sendPacket(packet: Packet): void {
    this.#send(this.#codec.encode(packet));
  }

  sendAck(): void {
    this.#send(Uint8Array.of(ACK));
  }

  sendNak(): void {
    this.#send(Uint8Array.of(NAK));
  }

  /** From here on octets are the sink's; the line is held back until it has taken them. It must not reject. */
  receiveInto(sink: (octets: Uint8Array) => Promise<void>): void {
    this.#sink = sink;
  }

  /**
   * Sends as fast as the line takes it.
   * @param onTaken octets that the line has taken since the last call
   * @returns whether all of it went; not when the line was lost or released meanwhile
   */
  async sendAll(source: AsyncIterable<Uint8Array>, onTaken: (octets: number) => void): Promise<boolean> {
    const ahead: { readonly length: number; readonly taken: Promise<boolean> }[] = [];
    const firstIsTaken = async () => {
      const first = ahead.shift();
      if (!first || !(await first.taken)) return false;
      onTaken(first.length);
      return true;
    };
    for await (const chunk of source) {
      for (let at = 0; at < chunk.length; at += pieceLength) {
        if (ahead.length === piecesAhead && !(await firstIsTaken())) return false;
        const piece = chunk.subarray(at, at + pieceLength);
        ahead.push({ length: piece.length, taken: this.#sendPiece(piece) });
      }
    }
    while (ahead.length > 0) if (!(await firstIsTaken())) return false;
    return true;
  }

  /** Resolves when the line is on-hook. The line reports nothing from now on. */
  async hangUp(): Promise<{ readonly type: 'line.released' }> {
    this.#isOver = true;
    await this.#connection.hangUp();
    return { type: 'line.released' };
  }

  #sendPiece(piece: Uint8Array): Promise<boolean> {
    return new Promise((resolve) => {
      if (this.#isOver) resolve(false);
      else this.#send(piece, (error) => resolve(!error));
    });
  }

  #send(octets: Uint8Array, taken?: (error: Error | null | undefined) => void): void {
    this.sent += octets.length;
    this.#connection.octets.write(octets, taken);
  }

  #take(octets: Uint8Array): void {
    this.received += octets.length;
    if (this.#isOver) return;
    const taking = this.#sink(octets);
    if (!taking) return;
    this.#connection.octets.pause();
    this.#taking = taking.then(() => {
      this.#taking = undefined;
      this.#connection.octets.resume();
    });
  }

  #read(octets: Uint8Array): void {
    const reading = this.#reader.push(octets);
    if (reading) this.#report(this.#eventOf(reading));
  }

  #eventOf(reading: NonNullable<ReturnType<PacketReader['push']>>): LineEvent<Packet> {
    switch (reading.kind) {
      case 'nak':
        return { type: 'nak.received' };
      case 'ack':
        return { type: 'ack.received' };
      case 'malformed':
        return { type: 'packet.malformed', fault: reading.fault };
      case 'packet': {
        if (!this.#kind) throw new TypeError('a packet was read while none is awaited');
        const packet = this.#codec.parse(this.#kind, reading.octets);
        return packet.kind === 'malformed'
          ? { type: 'packet.malformed', fault: (packet as Malformed).fault }
          : { type: 'packet.received', packet: packet as Packet };
      }
    }
  }

  /** The octets that came before the release are taken in first. */
  #lost = async (): Promise<void> => {
    while (this.#taking !== undefined) await this.#taking;
    if (this.#isOver) return;
    this.#isOver = true;
    this.#report({ type: 'carrier.lost' });
  };
}
