import type { Log } from '../../log/log.js';
import type { Clock, Timer } from '../../time/clock.js';
import { wait } from '../../time/clock.js';
import { CommandReader } from './command-reader.js';
import type { LineTiming } from './open-line.js';
import { isNumericCode, parseResultCode, type ResultCode } from './result-codes.js';
import type { SerialLine } from './serial-line.js';

/** A result code that can end a command. */
export type FinalCode = Exclude<ResultCode, { readonly kind: 'ring' | 'ring-back' | 'progress' }>;

/** All but CONNECT, behind which data come. */
export const finalsInCommands: readonly FinalCode['kind'][] = [
  'ok',
  'error',
  'busy',
  'no-answer',
  'no-carrier',
  'no-dial-tone',
  'voice',
];
export type ConnectCode = Extract<ResultCode, { readonly kind: 'connect' }>;

/** How a command ended. `silent`: no final result code in time (fault 41); `lost`: the port is gone. */
export type Reply =
  | { readonly kind: 'result'; readonly code: FinalCode }
  | { readonly kind: 'silent' }
  | { readonly kind: 'lost' };

/** Who receives the octets from CONNECT on. */
export interface DataSink {
  receive(octets: Buffer): void;
}

/** What the modem says unasked, and what happens to its port. */
export interface ChannelListener {
  ring(): void;
  ringBack(): void;
  /** A line that is no result code, and no echo; true when it was a caller ID line. */
  text(line: string): boolean;
  shielded(code: string): void;
  hungUp(): void;
  reopened(): void;
  lost(cause: Error): void;
  /** All that comes in command state, as it came. */
  heard?(octets: Buffer): void;
}

export interface ExecuteOptions {
  readonly timeoutMs: number;
  /** Which codes end it; any other is stale, or information. Default: OK and ERROR. */
  readonly finals?: readonly FinalCode['kind'][];
  /** Takes what the modem tells before the code. It was heard to speak in words: a number alone is no code. */
  information?(line: string): void;
  /** Called at CONNECT; the octets right after its line go to what it returns. */
  connect?(code: ConnectCode): DataSink;
}

interface Outstanding {
  readonly finals: readonly FinalCode['kind'][];
  readonly information: ((line: string) => void) | undefined;
  readonly connect: ((code: ConnectCode) => DataSink) | undefined;
  readonly sentMs: number;
  readonly timer: Timer;
  abortTimer: Timer;
  settle(reply: Reply): void;
}

/** V.250 5.6.1: a character within 125 ms of the command line does not abort it. */
const abortGuardMs = 150;
const abortEveryMs = 2_000;
const abortTries = 3;

/**
 * The modem's command state: one command outstanding, its result code picked from what arrives; and the switch to data
 * at CONNECT and back.
 */
export class CommandChannel {
  readonly #line: SerialLine;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #timing: LineTiming;
  readonly #listener: ChannelListener;
  readonly #reader: CommandReader;
  #data: DataSink | undefined;
  #outstanding: Outstanding | undefined;
  #lastReplyMs = Number.NEGATIVE_INFINITY;
  #lost = false;

  constructor(line: SerialLine, clock: Clock, timing: LineTiming, log: Log, listener: ChannelListener) {
    this.#line = line;
    this.#clock = clock;
    this.#log = log;
    this.#timing = timing;
    this.#listener = listener;
    this.#reader = new CommandReader({
      line: (text) => this.#readLine(text),
      shielded: (code) => listener.shielded(code),
    });
    line.listen({
      octets: (octets) => this.#receive(octets),
      hungUp: () => this.#hungUp(),
      reopened: () => listener.reopened(),
      lost: (cause) => this.#noteLost(cause),
    });
  }

  /** Voice mode: `<DLE>` introduces an event. */
  set shielding(on: boolean) {
    this.#reader.shielding = on;
  }

  /** When the modem takes the next command; one that is executed right then is sent at once. */
  async ready(): Promise<void> {
    if (this.#gapMs() > 0) await wait(this.#clock, this.#gapMs());
  }

  /** Sends a command line (with its `AT`) and waits for the code that ends it. One at a time: the caller queues. */
  async execute(command: string, options: ExecuteOptions): Promise<Reply> {
    if (this.#gapMs() > 0) await this.ready();
    const reply = this.#await(options);
    void this.#line.write(Buffer.from(`${command}\r`, 'latin1'));
    const ended = await reply;
    // Dial strings carry numbers and accounts: the log has the verb only.
    this.#log.debug({ command: command.replace(/(ATD).*/, '$1…'), reply: nameOf(ended) }, 'modem command');
    return ended;
  }

  /** Sends octets that are no command line and waits for the code that they bring. */
  conclude(octets: Uint8Array, options: ExecuteOptions): Promise<Reply> {
    const reply = this.#await(options);
    void this.#line.write(octets);
    return reply;
  }

  /** Any character ends a dialling or answering that is under way; nothing else is under way long. */
  abort(): void {
    const outstanding = this.#outstanding;
    if (!outstanding?.connect || outstanding.abortTimer !== undefined) return;
    let tries = 0;
    const send = () => {
      if (tries++ === abortTries) return outstanding.settle({ kind: 'silent' });
      void this.#line.write(Buffer.from('\r'));
      outstanding.abortTimer = this.#clock.setTimeout(send, abortEveryMs);
    };
    const sinceMs = this.#clock.monotonicMs() - outstanding.sentMs;
    outstanding.abortTimer = this.#clock.setTimeout(send, Math.max(0, abortGuardMs - sinceMs));
  }

  /** Back from data to commands. */
  endData(): void {
    this.#data = undefined;
    this.#reader.reset();
  }

  /** `+++` between its guard times (S12 = 1 s), and the OK that may follow. */
  async escape(guardMs: number): Promise<void> {
    await this.#line.drain();
    await wait(this.#clock, guardMs);
    await this.conclude(Buffer.from('+++'), { timeoutMs: guardMs + 1_000 });
  }

  /** Lets late result codes pass: no command is outstanding, so nobody takes them for an answer. */
  async settle(): Promise<void> {
    await wait(this.#clock, this.#timing.settleMs);
    this.#reader.reset();
  }

  #gapMs(): number {
    return this.#lastReplyMs + this.#timing.commandGapMs - this.#clock.monotonicMs();
  }

  #await(options: ExecuteOptions): Promise<Reply> {
    if (this.#lost) return Promise.resolve({ kind: 'lost' });
    return new Promise((resolve) => {
      const outstanding: Outstanding = {
        finals: options.finals ?? ['ok', 'error'],
        information: options.information,
        connect: options.connect,
        sentMs: this.#clock.monotonicMs(),
        timer: this.#clock.setTimeout(() => outstanding.settle({ kind: 'silent' }), options.timeoutMs),
        abortTimer: undefined,
        settle: (reply) => {
          if (this.#outstanding !== outstanding) return;
          this.#outstanding = undefined;
          this.#clock.clearTimeout(outstanding.timer);
          this.#clock.clearTimeout(outstanding.abortTimer);
          this.#lastReplyMs = this.#clock.monotonicMs();
          resolve(reply);
        },
      };
      this.#outstanding = outstanding;
    });
  }

  #receive(octets: Buffer): void {
    if (!this.#data) this.#listener.heard?.(octets);
    const data = this.#data ? octets : this.#reader.push(octets);
    if (data && data.length > 0) this.#data?.receive(data);
  }

  /** True when what follows is data. */
  #readLine(text: string): boolean {
    const information = this.#outstanding?.information;
    const code = information && isNumericCode(text) ? undefined : parseResultCode(text);
    if (code?.kind === 'ring') this.#listener.ring();
    if (code?.kind === 'ring-back') this.#listener.ringBack();
    if (code?.kind === 'ring' || code?.kind === 'ring-back' || code?.kind === 'progress') return false;
    const isEcho = /^AT/i.test(text);
    if (!code) {
      if (isEcho) return false;
      if (information) information(text);
      else if (!this.#listener.text(text)) this.#log.debug({ text }, 'modem information');
      return false;
    }
    const outstanding = this.#outstanding;
    if (!outstanding?.finals.includes(code.kind)) return false;
    if (code.kind === 'connect') this.#data = outstanding.connect?.(code);
    outstanding.settle({ kind: 'result', code });
    return this.#data !== undefined;
  }

  #hungUp(): void {
    this.#reader.reset();
    this.#outstanding?.settle({ kind: 'silent' });
    this.#listener.hungUp();
  }

  #noteLost(cause: Error): void {
    this.#lost = true;
    this.#outstanding?.settle({ kind: 'lost' });
    this.#listener.lost(cause);
  }
}

function nameOf(reply: Reply): string {
  return reply.kind === 'result' ? reply.code.kind : reply.kind;
}
