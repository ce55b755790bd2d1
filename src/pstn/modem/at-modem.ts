import { EventEmitter } from 'node:events';
import type { Log } from '../../log/log.js';
import type { Clock } from '../../time/clock.js';
import type { ToneHz } from '../signals.js';
import { failedCall, isOk, isOkInVoice } from './call-result.js';
import { CommandChannel, type ConnectCode, finalsInCommands, type Reply } from './command-channel.js';
import { configureModem, findModem, initialiseModem, ModemUnavailable } from './configure.js';
import { type ConnectReports, readConnectReport, readConnectText } from './connect-reports.js';
import { dialCommand, dialingMs, dialStringProblem, smallDialBuffer } from './dial-string.js';
import { type HangUpTools, putOnHook } from './hang-up.js';
import { IncomingCall } from './incoming-call.js';
import { LineConnection } from './line-connection.js';
import type { ConnectResult, Modem, ModemEvents, TransferResult } from './modem.js';
import type { LineTiming } from './open-line.js';
import { OperationQueue } from './operation-queue.js';
import type { SerialLine } from './serial-line.js';
import { toneCommand, VoiceCall, voiceFinals, voiceMs } from './voice-call.js';

export interface AtModemOptions {
  readonly url: string;
  readonly line: SerialLine;
  readonly timing: LineTiming;
  readonly clock: Clock;
  readonly log: Log;
  /** The operator's own commands, after the driver's. */
  readonly initialise: readonly string[];
}

export interface CallOptions {
  readonly carrierWaitSeconds: number;
  readonly signal?: AbortSignal;
}

/** What the modem is doing, as far as the driver ordered it or was told. */
type State = 'on-hook' | 'dialling' | 'answering' | 'voice' | 'data' | 'gone';

const settingMs = 2_000;
/** Ring-back comes again after 6 s in North America, after at most 10 s elsewhere. */
const ringBackGoneMs = 10_000;
/** Over S7, for a modem that starts it late. */
const carrierMarginMs = 10_000;

/** The driver: a queue of operations over one command channel (`openModem` makes it). */
export class AtModem implements Modem {
  readonly url: string;
  readonly #line: SerialLine;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #initialise: readonly string[];
  readonly #channel: CommandChannel;
  readonly #tools: HangUpTools;
  readonly #incoming: IncomingCall;
  readonly #events = new EventEmitter();
  readonly #queue = new OperationQueue();
  #voice: VoiceCall | undefined;
  #state: State = 'on-hook';
  #connection: LineConnection | undefined;
  /** The circuit was on while the modem was on-hook: it is strapped, and tells nothing. */
  #carrierIsStrapped = false;
  #glare = false;
  /** Of the call that is being set up. */
  #reports: ConnectReports = {};
  /** When the modem last told that the called line rings. */
  #ringBackMs = Number.NEGATIVE_INFINITY;
  #setUpWaits = false;

  constructor(options: AtModemOptions) {
    this.url = options.url;
    this.#line = options.line;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#initialise = options.initialise;
    this.#incoming = new IncomingCall(options.clock, {
      ring: (count) => this.#emit('ring', count),
      callerId: (id) => this.#emit('callerId', id),
    });
    this.#channel = new CommandChannel(options.line, options.clock, options.timing, options.log, {
      ring: () => this.#ring(),
      ringBack: () => {
        this.#ringBackMs = this.#clock.monotonicMs();
      },
      text: (line) => this.#text(line),
      shielded: (code) => this.#voice?.heard(code),
      hungUp: () => this.#hungUp(),
      reopened: () => this.#reopened(),
      lost: (cause) => this.#lose(cause),
    });
    this.#tools = {
      channel: this.#channel,
      line: options.line,
      clock: options.clock,
      timing: options.timing,
      carrierDetect: () => this.#carrierDetect(),
    };
  }

  on<E extends keyof ModemEvents>(event: E, listener: (...args: ModemEvents[E]) => void): this {
    this.#events.on(event, listener);
    return this;
  }

  off<E extends keyof ModemEvents>(event: E, listener: (...args: ModemEvents[E]) => void): this {
    this.#events.off(event, listener);
    return this;
  }

  /** Before any other use. Rejects with `ModemUnavailable`; the port is then still open. */
  async start(): Promise<void> {
    await findModem(this.#tools, this.url);
    await this.#setUp();
  }

  dial(number: string, options: CallOptions): Promise<ConnectResult> {
    const command = dialCommand(number);
    const problem = dialStringProblem(number);
    if (problem !== undefined) {
      this.#log.warn({ line: this.url }, `not dialled: ${problem}`);
      return Promise.resolve({ kind: 'refused-by-modem', command });
    }
    if (number.length > smallDialBuffer) {
      this.#log.warn(
        { line: this.url, length: number.length },
        `the dial string is longer than the ${smallDialBuffer} characters some modems keep; trying it`,
      );
    }
    const dialMs = dialingMs(number, options.carrierWaitSeconds);
    return this.#enqueueCall<ConnectResult>({ kind: 'no-carrier' }, async () => {
      // Going off-hook would answer that call and send it our digits: there is no dial tone to be had.
      if (this.#incoming.isRinging) return { kind: 'no-dial-tone' };
      return this.#call(command, dialMs, options);
    });
  }

  answerData(options: CallOptions): Promise<ConnectResult> {
    return this.#enqueueCall<ConnectResult>({ kind: 'no-carrier' }, async () => {
      if (this.#state === 'voice') await this.#leaveVoice();
      return this.#call('ATA', 0, options);
    });
  }

  answerVoice(): Promise<ConnectResult> {
    return this.#enqueueCall<ConnectResult>({ kind: 'no-carrier' }, async () => {
      if (this.#state !== 'on-hook')
        throw new Error(`answerVoice while the modem is in state ${this.#state}`);
      const classReply = await this.#channel.execute('AT+FCLASS=8', { timeoutMs: settingMs });
      if (!isOk(classReply)) return failedCall(classReply, 'AT+FCLASS=8');
      this.#enterVoice();
      const reply = await this.#channel.execute('AT+VLS=1', { timeoutMs: voiceMs, finals: voiceFinals });
      this.#incoming.reset();
      if (isOkInVoice(reply)) return { kind: 'answered' };
      await this.#release();
      return failedCall(reply, 'AT+VLS=1');
    });
  }

  playTone(tone: ToneHz, lengthMs: number): Promise<void> {
    const command = toneCommand(tone, lengthMs);
    const isOvertaken = this.#queue.mark();
    return this.#enqueueCall(undefined, async () => {
      if (this.#state === 'voice') await this.#voice?.playTone(command, lengthMs, isOvertaken);
    });
  }

  play(samples: Int16Array): Promise<void> {
    const isOvertaken = this.#queue.mark();
    return this.#enqueueCall(undefined, async () => {
      if (this.#state === 'voice') await this.#voice?.play(samples, isOvertaken);
    });
  }

  transfer(
    number: string,
    { answerWaitSeconds }: { readonly answerWaitSeconds: number },
  ): Promise<TransferResult> {
    if (!/^\d+$/.test(number)) throw new RangeError('a caller is handed over to a number of digits only');
    return this.#enqueueCall<TransferResult>({ kind: 'no-carrier' }, async () => {
      if (this.#state !== 'voice' || !this.#voice)
        throw new Error(`transfer while the modem is in state ${this.#state}`);
      const result = await this.#voice.transfer(number, answerWaitSeconds);
      if (result.kind === 'no-dial-tone') await this.#release();
      return result;
    });
  }

  hangUp(): Promise<void> {
    this.#queue.overtake();
    this.#channel.abort();
    this.#voice?.giveUp();
    return this.#queue.enqueue(() => this.#release());
  }

  async close(): Promise<void> {
    await this.hangUp();
    this.#state = 'gone';
    this.#queue.overtake();
    this.#incoming.reset();
    await this.#line.close();
  }

  /** `overtaken` is the answer of an operation that a hang-up or the loss of the modem came before. */
  #enqueueCall<T>(overtaken: T, run: () => Promise<T>): Promise<T> {
    const isOvertaken = this.#queue.mark();
    return this.#queue.enqueue(async () => (this.#isGone() || isOvertaken() ? overtaken : run()));
  }

  /** `ATD` or `ATA` to its end. */
  async #call(command: string, beforeCarrierMs: number, options: CallOptions): Promise<ConnectResult> {
    const { carrierWaitSeconds, signal } = options;
    if (!(carrierWaitSeconds >= 1 && carrierWaitSeconds <= 255)) {
      throw new RangeError('S7 takes 1 to 255 seconds');
    }
    if (signal?.aborted) return { kind: 'no-carrier' };
    if (this.#state !== 'on-hook' && !(this.#state === 'voice' && command === 'ATA')) {
      throw new Error(`${command.slice(0, 3)} while the modem is in state ${this.#state}`);
    }
    if (this.#state === 'on-hook') {
      this.#carrierIsStrapped = (await this.#line.carrierDetect()) === true;
    }
    const isOvertaken = this.#queue.mark();
    const s7 = await this.#channel.execute(`ATS7=${Math.ceil(carrierWaitSeconds)}`, { timeoutMs: settingMs });
    if (s7.kind !== 'result') {
      await this.#release();
      return { kind: 'silent' };
    }
    await this.#channel.ready();
    const isGivenUp = () => signal?.aborted === true || isOvertaken();
    if (isGivenUp()) return { kind: 'no-carrier' };
    this.#state = command === 'ATA' ? 'answering' : 'dialling';
    this.#connection = undefined;
    this.#glare = false;
    if (command === 'ATA') this.#incoming.reset();
    const abort = () => this.#channel.abort();
    signal?.addEventListener('abort', abort, { once: true });
    this.#ringBackMs = Number.NEGATIVE_INFINITY;
    this.#reports = {};
    const startMs = this.#clock.monotonicMs();
    const timeoutMs = beforeCarrierMs + carrierWaitSeconds * 1_000 + carrierMarginMs;
    const reply = await this.#channel.execute(command, {
      timeoutMs,
      finals: [...finalsInCommands, 'connect'],
      connect: (code) => this.#connected(code),
    });
    signal?.removeEventListener('abort', abort);
    const result = await this.#concluded(reply, command, isGivenUp());
    // V.250 has one result code for all that S7 ends.
    const isOver = this.#clock.monotonicMs() - startMs >= carrierWaitSeconds * 1_000;
    return result.kind === 'no-carrier' && isOver && this.#ringsStill() ? { kind: 'no-answer' } : result;
  }

  #ringsStill(): boolean {
    return this.#clock.monotonicMs() - this.#ringBackMs < ringBackGoneMs;
  }

  async #concluded(reply: Reply, command: string, givenUp: boolean): Promise<ConnectResult> {
    const connection = this.#connection;
    if (reply.kind === 'result' && reply.code.kind === 'connect' && connection && !givenUp) {
      return { kind: 'connected', connection };
    }
    if (reply.kind === 'result' && reply.code.kind === 'voice' && !givenUp) {
      this.#enterVoice();
      return { kind: 'answered' };
    }
    if (reply.kind === 'lost') return { kind: 'silent' };
    // A modem that said why is on-hook; any other is brought there before the next call.
    if (reply.kind === 'silent' || connection) await this.#release();
    else this.#state = 'on-hook';
    if (givenUp) return { kind: 'no-carrier' };
    if (this.#glare) return { kind: 'no-dial-tone' };
    return failedCall(reply, command);
  }

  #connected(code: ConnectCode): LineConnection {
    const reports = { rate: code.rate, ...readConnectText(code.text), ...this.#reports };
    const connection = new LineConnection(
      this.#line,
      this.#clock,
      { description: code.text, ...reports },
      {
        carrierDetect: () => this.#carrierDetect(),
        released: (released) => this.#connectionReleased(released),
        hangUp: (given) => (given === this.#connection ? this.hangUp() : Promise.resolve()),
      },
    );
    this.#state = 'data';
    this.#connection = connection;
    return connection;
  }

  #connectionReleased(connection: LineConnection): void {
    if (connection !== this.#connection || this.#state !== 'data') return;
    this.#channel.endData();
    this.#state = 'on-hook';
  }

  /** On-hook from any state, and verified. */
  async #release(): Promise<void> {
    if (this.#state === 'gone') return;
    const wasData = this.#state === 'data';
    const wasVoice = this.#state === 'voice';
    this.#connection?.release();
    this.#connection = undefined;
    const isOnHook = await putOnHook(this.#tools, wasData);
    if (wasVoice) await this.#leaveVoice();
    if (this.#isGone()) return;
    this.#state = 'on-hook';
    if (!isOnHook) this.#lose(new ModemUnavailable(doesNotHangUp(this.url)));
  }

  #enterVoice(): void {
    this.#state = 'voice';
    this.#channel.shielding = true;
    this.#voice = new VoiceCall({
      url: this.url,
      tools: this.#tools,
      log: this.#log,
      events: {
        digit: (symbol) => this.#emit('digit', symbol),
        farEndGone: () => this.#emit('farEndGone'),
      },
    });
  }

  async #leaveVoice(): Promise<void> {
    await this.#channel.execute('AT+FCLASS=0', { timeoutMs: settingMs, finals: ['ok', 'error'] });
    this.#channel.shielding = false;
    this.#voice = undefined;
  }

  #carrierDetect(): Promise<boolean | undefined> {
    return this.#carrierIsStrapped ? Promise.resolve(undefined) : this.#line.carrierDetect();
  }

  /** True when the line has been understood. */
  #text(line: string): boolean {
    if (this.#state === 'on-hook') return this.#incoming.text(line);
    const report = readConnectReport(line);
    this.#reports = { ...this.#reports, ...report };
    return report !== undefined;
  }

  /** RING while dialling is glare (fault 44): the caller who came first keeps the line. */
  #ring(): void {
    if (this.#state === 'dialling') {
      this.#glare = true;
      this.#channel.abort();
    }
    if (this.#state === 'dialling' || this.#state === 'on-hook') this.#incoming.ring();
  }

  /** The port was closed from behind: a call on it is over. */
  #hungUp(): void {
    this.#connection?.release();
    if (this.#state === 'voice') this.#voice?.farEndGone();
  }

  /** One set-up waits at a time, however often the port was closed and opened. */
  #reopened(): void {
    if (this.#setUpWaits) return;
    this.#setUpWaits = true;
    void this.#queue
      .enqueue(async () => {
        this.#setUpWaits = false;
        if (!this.#isGone()) await this.#setUp();
      })
      .catch((error) => this.#lose(error));
  }

  async #setUp(): Promise<void> {
    await configureModem(this.#tools, this.url, this.#log);
    await initialiseModem(this.#tools, this.url, this.#initialise);
  }

  #isGone(): boolean {
    return this.#state === 'gone';
  }

  #lose(cause: Error): void {
    if (this.#state === 'gone') return;
    this.#connection?.release();
    this.#state = 'gone';
    this.#incoming.reset();
    this.#log.error({ line: this.url, cause: cause.message }, 'the modem is lost');
    this.#emit('lost', cause);
  }

  #emit<E extends keyof ModemEvents>(event: E, ...args: ModemEvents[E]): void {
    this.#events.emit(event, ...args);
  }
}

function doesNotHangUp(url: string): string {
  return (
    `The modem at ${url} does not hang up: it obeys neither DTR nor the escape. ` +
    'Check that the cable carries DTR and that the modem is set to &D2, then switch the modem off and on.'
  );
}
