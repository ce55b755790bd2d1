import type { Clock, Timer } from '../../time/clock.js';
import { wait } from '../../time/clock.js';
import type { LineTiming } from '../modem/open-line.js';
import type { SerialLine } from '../modem/serial-line.js';
import { MessageLines } from './message-lines.js';

/** How a command ended. `silent`: no final result in time; `lost`: the port is gone. */
export type Answer =
  | { readonly kind: 'ok'; readonly lines: readonly string[] }
  /** `code`: of `+CMS ERROR` or `+CME ERROR` where it is a number. */
  | { readonly kind: 'error'; readonly code: number | undefined }
  | { readonly kind: 'silent'; readonly tookBody: boolean }
  | { readonly kind: 'lost'; readonly tookBody: boolean };

/** What the modem says unasked, and what happens to its port. */
export interface ChannelListener {
  /** A message or a report lies in its memory. */
  stored(): void;
  /** A message that is not stored, or a report. */
  direct(kind: 'message' | 'report', hex: string): void;
  /** It has begun anew: its settings are gone. */
  restarted(): void;
  lost(cause: Error): void;
}

interface Outstanding {
  readonly prefix: string | undefined;
  readonly lines: string[];
  body: string | undefined;
  tookBody: boolean;
  timer: Timer;
  settle(answer: Answer): void;
}

const ctrlZ = '\x1a';
const esc = '\x1b';

const promptMs = 10_000;

/** Names of what comes unasked; the answer to a command that bears such a name is told apart by its command. */
const unasked = /^(\+C(REG|GREG|EREG|LIP|RING|USD|BM|IEV|SSU)\b|RING$)/;
const beginnings = /^(RDY|\^SYSSTART|\+CPIN: |\+CFUN: |NORMAL POWER|Call Ready|SMS Ready)/;

/** The modem's command line, for messages: one command outstanding, prompt and body, and what it says unasked. */
export class MessageChannel {
  readonly #line: SerialLine;
  readonly #clock: Clock;
  readonly #timing: LineTiming;
  readonly #listener: ChannelListener;
  readonly #reader: MessageLines;
  #outstanding: Outstanding | undefined;
  /** The PDU of a `+CMT` or `+CDS` is the next line. */
  #awaitsPdu: 'message' | 'report' | undefined;
  /** Whoever comes next waits for it. */
  #turn: Promise<unknown> = Promise.resolve();
  #isLost = false;

  constructor(line: SerialLine, clock: Clock, timing: LineTiming, listener: ChannelListener) {
    this.#line = line;
    this.#clock = clock;
    this.#timing = timing;
    this.#listener = listener;
    this.#reader = new MessageLines({
      line: (text) => this.#read(text),
      prompt: () => this.#prompted(),
    });
    line.listen({
      octets: (octets) => this.#reader.push(octets),
      hungUp: () => this.#hungUp(),
      reopened: () => listener.restarted(),
      lost: (cause) => this.lose(cause),
    });
  }

  /** @param prefix of information lines that are the command's own, such as `+CPIN:` */
  command(text: string, timeoutMs: number, prefix?: string): Promise<Answer> {
    return this.#inTurn(() => this.#run(`${text}\r`, timeoutMs, prefix));
  }

  /** A command that prompts, and what belongs at its prompt. `timeoutMs` counts from there. */
  commandWithBody(text: string, body: string, timeoutMs: number): Promise<Answer> {
    return this.#inTurn(() => this.#run(`${text}\r`, promptMs, undefined, { body, timeoutMs }));
  }

  /** Leaves a prompt, and throws away what comes late. */
  async resynchronise(): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#isLost) return;
      await this.#line.write(Buffer.from(`${esc}\r`, 'latin1'));
      await wait(this.#clock, this.#timing.settleMs);
      this.#reader.reset();
    });
  }

  /** Whatever waits ends in `lost`. */
  lose(cause: Error): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#outstanding?.settle({ kind: 'lost', tookBody: this.#outstanding.tookBody });
    this.#listener.lost(cause);
  }

  #inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(run);
    const { commandGapMs } = this.#timing;
    this.#turn = result.then(() => (commandGapMs > 0 ? wait(this.#clock, commandGapMs) : undefined));
    return result;
  }

  #run(
    text: string,
    timeoutMs: number,
    prefix: string | undefined,
    then?: { readonly body: string; readonly timeoutMs: number },
  ): Promise<Answer> {
    if (this.#isLost) return Promise.resolve({ kind: 'lost', tookBody: false });
    return new Promise((resolve) => {
      const arm = (ms: number) => {
        this.#clock.clearTimeout(outstanding.timer);
        outstanding.timer = this.#clock.setTimeout(() => {
          outstanding.settle({ kind: 'silent', tookBody: outstanding.tookBody });
        }, ms);
      };
      const outstanding: Outstanding = {
        prefix,
        lines: [],
        body: then?.body,
        tookBody: false,
        timer: undefined,
        settle: (answer) => {
          if (this.#outstanding !== outstanding) return;
          this.#outstanding = undefined;
          this.#reader.awaitsPrompt = false;
          this.#clock.clearTimeout(outstanding.timer);
          resolve(answer);
        },
      };
      this.#outstanding = outstanding;
      this.#armBody = () => arm(then?.timeoutMs ?? timeoutMs);
      this.#reader.awaitsPrompt = then !== undefined;
      arm(timeoutMs);
      void this.#line.write(Buffer.from(text, 'latin1'));
    });
  }

  #armBody = (): void => {};

  #prompted(): void {
    const outstanding = this.#outstanding;
    if (outstanding?.body === undefined) return;
    const { body } = outstanding;
    outstanding.body = undefined;
    outstanding.tookBody = true;
    this.#reader.awaitsPrompt = false;
    this.#armBody();
    void this.#line.write(Buffer.from(`${body}${ctrlZ}`, 'latin1'));
  }

  #read(text: string): void {
    if (this.#awaitsPdu && /^[0-9A-F]+$/i.test(text)) {
      const kind = this.#awaitsPdu;
      this.#awaitsPdu = undefined;
      this.#listener.direct(kind, text);
    } else if (!this.#readUnasked(text)) this.#readAnswer(text);
  }

  /** True when the line was no part of an answer. */
  #readUnasked(text: string): boolean {
    const prefix = this.#outstanding?.prefix;
    if (prefix !== undefined && text.startsWith(prefix)) return false;
    if (/^\+C(MTI|DSI):/.test(text)) this.#listener.stored();
    else if (/^\+CMT:/.test(text)) this.#awaitsPdu = 'message';
    else if (/^\+CDS:/.test(text)) this.#awaitsPdu = 'report';
    else if (beginnings.test(text)) this.#listener.restarted();
    else return unasked.test(text) || /^AT/i.test(text);
    return true;
  }

  #readAnswer(text: string): void {
    const outstanding = this.#outstanding;
    if (!outstanding) return;
    const error = /^(?:ERROR|\+CM[ES] ERROR:\s*(.*))$/.exec(text);
    if (error) {
      const code = /^\d+$/.test(error[1] ?? '') ? Number(error[1]) : undefined;
      outstanding.settle({ kind: 'error', code });
    } else if (text === 'OK') outstanding.settle({ kind: 'ok', lines: outstanding.lines });
    else outstanding.lines.push(text);
  }

  #hungUp(): void {
    this.#reader.reset();
    this.#outstanding?.settle({ kind: 'silent', tookBody: this.#outstanding.tookBody });
  }
}
