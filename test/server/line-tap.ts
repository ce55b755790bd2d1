import type { ConnectResult, DataConnection, Modem } from '../../src/pstn/modem/modem.js';

export interface Passed {
  readonly from: 'line' | 'program';
  readonly octets: Uint8Array;
  readonly atMs: number;
}

/** Octets that pass between one modem and its program in data calls. */
export class LineTap {
  readonly passed: Passed[] = [];
  /** Dial strings. */
  readonly dialled: string[] = [];
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Listens in on every data call that this modem makes or answers. */
  listen(modem: Modem): void {
    const { dial, answerData } = modem;
    modem.dial = async (number, options) => {
      this.dialled.push(number);
      return this.#connected(await dial.call(modem, number, options));
    };
    modem.answerData = async (...given) => this.#connected(await answerData.apply(modem, given));
  }

  listenOn({ octets }: DataConnection): void {
    const { push, write } = octets;
    octets.push = (chunk) => {
      if (chunk) this.#note('line', chunk);
      return push.call(octets, chunk);
    };
    octets.write = ((chunk: Uint8Array, ...rest: [never, never]) => {
      this.#note('program', chunk);
      return write.call(octets, chunk, ...rest);
    }) as typeof octets.write;
  }

  from(side: Passed['from'], sinceMs = 0): Buffer {
    const pieces = this.passed.filter((each) => each.from === side && each.atMs >= sinceMs);
    return Buffer.concat(pieces.map(({ octets }) => octets));
  }

  #connected(result: ConnectResult): ConnectResult {
    if (result.kind === 'connected') this.listenOn(result.connection);
    return result;
  }

  #note(from: Passed['from'], octets: Uint8Array): void {
    this.passed.push({ from, octets: Uint8Array.from(octets), atMs: this.#nowMs() });
  }
}
