import type { Log } from '../../log/log.js';
import type { Clock, Timer } from '../../time/clock.js';
import { wait } from '../../time/clock.js';
import type { LineTiming } from '../modem/open-line.js';
import type { SerialLine } from '../modem/serial-line.js';
import { parsePdu } from '../sms/pdu.js';
import type { StatusReport } from '../sms/tpdu.js';
import { Deliveries } from './deliveries.js';
import { Incoming } from './incoming.js';
import { MessageChannel } from './message-channel.js';
import type { Messaging, Receive, SendOptions, SendResult } from './messaging.js';
import { Outgoing } from './outgoing.js';
import { isSetUp, type MessagingSetup, PinRefused, setUpMessaging } from './setup.js';

/** Modems lose indications, and are reset by themselves: nothing is missed for longer than this. */
const roundMs = 60_000;
/** One that announces messages all the time, in answer to the listing itself perhaps, is not listed all the time. */
const againMs = 250;
const usualPartsWaitMs = 24 * 3_600_000;

/** Keeps one GSM modem set up, sends by it, and hands over what it receives. */
export class GsmMessaging implements Messaging {
  readonly url: string;
  readonly gone: Promise<Error>;
  readonly #line: SerialLine;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #pin: string | undefined;
  readonly #channel: MessageChannel;
  readonly #deliveries: Deliveries;
  readonly #incoming: Incoming;
  readonly #outgoing: Outgoing;
  #tellGone: (cause: Error) => void = () => {};
  #setup: MessagingSetup | undefined;
  #mayBeReset = false;
  #next: Timer;
  #isLooking = false;
  #looksAgain = false;
  #isOver = false;

  constructor(parts: {
    readonly url: string;
    readonly line: SerialLine;
    readonly timing: LineTiming;
    readonly clock: Clock;
    readonly log: Log;
    readonly receive: Receive;
    readonly pin?: string;
    readonly partsWaitMs?: number;
  }) {
    const { url, line, timing, clock, log, receive, pin, partsWaitMs = usualPartsWaitMs } = parts;
    this.url = url;
    this.#line = line;
    this.#clock = clock;
    this.#log = log;
    this.#pin = pin;
    this.gone = new Promise((resolve) => {
      this.#tellGone = resolve;
    });
    this.#channel = new MessageChannel(line, clock, timing, {
      stored: () => this.#look(),
      direct: (kind, hex) => this.#direct(kind, hex),
      restarted: () => this.#mayHaveReset(),
      lost: (cause) => this.#lost(cause),
    });
    const channel = this.#channel;
    this.#deliveries = new Deliveries(clock);
    this.#incoming = new Incoming({
      channel,
      clock,
      log,
      receive,
      partsWaitMs,
      reported: (report) => this.#reported(report),
    });
    this.#outgoing = new Outgoing({
      channel,
      deliveries: this.#deliveries,
      log,
      firstReference: Math.floor(clock.utcMs() / 1000) & 0xff,
      unanswered: () => this.#mayHaveReset(),
    });
  }

  async start(): Promise<void> {
    this.#setup = await this.#setUp();
    this.#look();
  }

  send(to: string, text: string, options: SendOptions = {}): Promise<SendResult> {
    return this.#outgoing.send(to, text, options);
  }

  async close(): Promise<void> {
    this.#lost(new Error('closed by the program'));
    await this.#line.close();
  }

  #setUp(): Promise<MessagingSetup> {
    return setUpMessaging(this.#channel, {
      url: this.url,
      clock: this.#clock,
      log: this.#log,
      pin: this.#pin,
    });
  }

  #direct(kind: 'message' | 'report', hex: string): void {
    if (kind === 'message') {
      this.#incoming.direct(hex);
      this.#look();
      return;
    }
    const pdu = parsePdu(hex, true);
    if (pdu.kind === 'pdu' && pdu.tpdu.kind === 'status-report') this.#reported(pdu.tpdu);
  }

  #reported(report: StatusReport): void {
    if (!this.#deliveries.reported(report)) {
      this.#log.debug({ status: report.status }, 'a delivery report for a message that nobody waits for');
    }
  }

  #mayHaveReset(): void {
    this.#mayBeReset = true;
    this.#look();
  }

  /** Soon, and once for all that call until it begins. */
  #look(): void {
    this.#looksAgain = true;
    if (this.#isLooking || this.#isOver || !this.#setup) return;
    this.#clock.clearTimeout(this.#next);
    this.#isLooking = true;
    void this.#rounds().finally(() => {
      this.#isLooking = false;
      if (!this.#isOver) this.#next = this.#clock.setTimeout(() => this.#check(), roundMs);
    });
  }

  #check(): void {
    this.#mayBeReset = true;
    this.#look();
  }

  async #rounds(): Promise<void> {
    while (this.#looksAgain && !this.#isOver) {
      this.#looksAgain = false;
      if (this.#mayBeReset && !(await this.#restoreSetup())) return;
      this.#mayBeReset = !(await this.#incoming.round());
      if (this.#looksAgain) await wait(this.#clock, againMs);
    }
  }

  /** A modem that cannot be set up now is tried again in the next round. */
  async #restoreSetup(): Promise<boolean> {
    try {
      if (this.#setup && (await isSetUp(this.#channel, this.#setup))) return true;
      if (this.#isOver) return false;
      this.#setup = await this.#setUp();
      this.#log.warn({ line: this.url }, 'the GSM modem had lost its settings, and was set up anew');
      return true;
    } catch (error) {
      if (error instanceof PinRefused) this.#lost(error);
      else if (!this.#isOver) {
        this.#log.warn(
          { line: this.url, cause: (error as Error).message },
          'the GSM modem is not to be used now',
        );
      }
      return false;
    }
  }

  #lost(cause: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#clock.clearTimeout(this.#next);
    this.#channel.lose(cause);
    this.#deliveries.close();
    this.#tellGone(cause);
  }
}
