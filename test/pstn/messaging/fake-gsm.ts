import { silentLog } from '../../../src/log/log.js';
import { GsmMessaging } from '../../../src/pstn/messaging/gsm-messaging.js';
import type { SerialLine, SerialLineListener } from '../../../src/pstn/modem/serial-line.js';
import { SimulatedClock } from '../../../src/time/simulated-clock.js';
import { Inbox, settled } from './driven.js';

const timing = { commandGapMs: 0, dtrOffMs: 100, settleMs: 20 };

/** What a command is answered with, line ends included; nothing is silence. */
type Answer = string | undefined;

/** A GSM modem that answers as a test says; OK where it says nothing. */
export class FakeGsm implements SerialLine {
  readonly canDropDtr = 'no';
  readonly hiddenOctets = 0;
  readonly remarks = [];
  readonly commands: string[] = [];
  /** What stands in its memory, by place. */
  readonly stored = new Map<number, string>();
  answer: (command: string) => Answer | 'usual' = () => 'usual';
  /** After the body of `+CMGS`. */
  afterBody: (body: string) => Answer = () => '\r\n+CMGS: 7\r\n\r\nOK\r\n';
  #listener: SerialLineListener | undefined;
  #typed = '';
  #indications = '0,0,0,0,0';

  listen(listener: SerialLineListener): void {
    this.#listener = listener;
  }

  say(text: string): void {
    this.#listener?.octets(Buffer.from(text, 'latin1'));
  }

  unplug(): void {
    this.#listener?.lost(new Error('device disconnected'));
  }

  async write(octets: Uint8Array): Promise<void> {
    this.#typed += Buffer.from(octets).toString('latin1');
    for (let end = endIn(this.#typed); end >= 0; end = endIn(this.#typed)) {
      const text = this.#typed.slice(0, end).replaceAll('\x1b', '');
      const isCommand = this.#typed[end] === '\r';
      this.#typed = this.#typed.slice(end + 1);
      const answer = isCommand ? this.#command(text) : this.afterBody(text);
      if (answer !== undefined) queueMicrotask(() => this.say(answer));
    }
  }

  #command(text: string): Answer {
    if (text === '') return undefined;
    this.commands.push(text);
    const answer = this.answer(text);
    return answer === 'usual' ? this.#usual(text) : answer;
  }

  #usual(text: string): Answer {
    if (text === 'AT+CPIN?') return '\r\n+CPIN: READY\r\n\r\nOK\r\n';
    if (text === 'AT+CREG?') return '\r\n+CREG: 0,1\r\n\r\nOK\r\n';
    if (text === 'AT+CMGF?') return '\r\n+CMGF: 0\r\n\r\nOK\r\n';
    if (text === 'AT+CNMI?') return `\r\n+CNMI: ${this.#indications}\r\n\r\nOK\r\n`;
    if (text.startsWith('AT+CNMI=')) this.#indications = text.slice('AT+CNMI='.length);
    if (text === 'AT+CPMS?')
      return `\r\n+CPMS: "SM",${this.stored.size},20,"SM",0,20,"SM",0,20\r\n\r\nOK\r\n`;
    if (text === 'AT+CMGL=4')
      return `${[...this.stored].map(([place, hex]) => listing(place, hex)).join('')}\r\nOK\r\n`;
    if (text.startsWith('AT+CMGD=')) this.stored.delete(Number(text.slice('AT+CMGD='.length)));
    return text.startsWith('AT+CMGS=') ? '\r\n> ' : '\r\nOK\r\n';
  }

  drain = async (): Promise<void> => {};
  discardOutput = async (): Promise<void> => {};
  pause(): void {}
  resume(): void {}
  dropDtr = async (): Promise<void> => {};
  carrierDetect = async (): Promise<undefined> => undefined;
  circuits = async (): Promise<undefined> => undefined;
  close = async (): Promise<void> => {};
}

/** Where a command or a body ends; -1 when neither does. */
function endIn(typed: string): number {
  return [...typed].findIndex((character) => character === '\r' || character === '\x1a');
}

export function listing(place: number, hex: string): string {
  return `\r\n+CMGL: ${place},0,,${hex.length / 2 - 1}\r\n${hex}\r\n`;
}

/** A driver on it, started. */
export async function drivenFake(prepare: (modem: FakeGsm) => void = () => {}, pin?: string) {
  const clock = new SimulatedClock();
  const modem = new FakeGsm();
  prepare(modem);
  const inbox = new Inbox();
  const driver = new GsmMessaging({
    url: 'serial:/dev/gsm',
    line: modem,
    timing,
    clock,
    log: silentLog,
    receive: inbox.receive,
    ...(pin !== undefined && { pin }),
  });
  await settled({ clock }, driver.start());
  return { clock, modem, inbox, driver };
}
