import { type Log, silentLog } from '../../../log/log.js';
import type { Clock } from '../../../time/clock.js';
import type { CallerId, DtmfSymbol, ToneHz } from '../../signals.js';
import type { DteListener, DtePort } from '../dte.js';
import type { CarrierState, Line, LineEquipment } from '../line.js';
import { CallControl, type CallEvents } from './call-control.js';
import { callerIdLines } from './caller-id.js';
import { CommandLineEditor, type TypedLine } from './command-line.js';
import { parseCommands } from './command-parser.js';
import { CommandRunner } from './command-runner.js';
import type { CommandTarget, Outcome } from './command-set.js';
import { DataPump } from './data-pump.js';
import { parseDialString } from './dial-string.js';
import { DteSide } from './dte-side.js';
import { OneShot } from './one-shot.js';
import type { Personality, PersonalityHost } from './personality.js';
import { connectReports, type ResultCode } from './result-codes.js';
import { RingCounter } from './ring-counter.js';
import { Settings } from './settings.js';
import { StoredNumbers } from './stored-numbers.js';
import type { ToneStep } from './tone-list.js';
import { TonePlayer } from './tone-player.js';
import { digitReport, signalReport } from './voice-reports.js';

/** What octets from the program mean. The README draws these. */
type Mode =
  | 'command'
  /** A command takes its time; what is typed waits in the port. */
  | 'executing'
  /** The body of a message is typed; its end is the personality's matter. */
  | 'entering'
  /** Dialling, answering: any octet abandons the call. */
  | 'calling'
  | 'data'
  /** DTR has dropped with octets unsent: those still go out. */
  | 'releasing';

/** Octets this soon after a dial or answer command do not abandon it: a line may end in CR LF (V.250 5.6.1). */
const abandonGraceMs = 125;

/** Commands are taken in pieces, and none while the program leaves as much of the answers unread. */
const commandChunkOctets = 4096;

/** One modem between a subscriber line and a program's serial port. */
export class SimulatedModem implements LineEquipment, DteListener {
  readonly #line: Line;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #dte: DteSide;
  readonly #call: CallControl;
  readonly #pump: DataPump;
  readonly #player: TonePlayer;
  readonly #rings: RingCounter;
  readonly #dtrDrop: OneShot;
  readonly #editor = new CommandLineEditor(() => this.#settings.registers);
  readonly #runner = new CommandRunner(this.#commandTarget(), (result) => this.#ended(result));
  readonly #numbers = new StoredNumbers();
  readonly #personality: Personality | undefined;
  /** What the personality has to say when the program can read it as such. */
  readonly #announcements: string[] = [];
  #takeEntry: ((octets: Uint8Array) => number) | undefined;
  #caller: CallerId | undefined;
  #settings = new Settings();
  #stored = new Settings();
  #mode: Mode = 'command';
  #lastLine: string | undefined;
  #abandonFromMs = 0;
  #isDtrOn = false;
  #isClosed = false;

  /** @param options.maxRate bit/s, the fastest that its carrier goes */
  constructor(options: {
    readonly line: Line;
    readonly clock: Clock;
    readonly maxRate: number;
    readonly log?: Log;
    /** Makes it a cellular modem, say; left out, it is an analogue one. */
    personality?(host: PersonalityHost): Personality;
  }) {
    const { line, clock, maxRate } = options;
    const settings = () => this.#settings;
    this.#line = line;
    this.#clock = clock;
    this.#log = options.log ?? silentLog;
    this.#call = new CallControl({ line, clock, maxRate, settings, events: this.#callEvents() });
    this.#dte = new DteSide({ settings, hasCarrier: () => this.#call.rate !== undefined });
    this.#pump = new DataPump({ line, clock, settings, escaped: () => this.#escaped() });
    this.#player = new TonePlayer(line, clock);
    this.#rings = new RingCounter(clock, (rings) => {
      this.#settings.registers.countRing(rings);
      if (rings === 0) this.#caller = undefined;
    });
    this.#dtrDrop = new OneShot(clock);
    this.#personality = options.personality?.(this.#host());
    line.connect(this);
  }

  /** Plugs the cable in; a later one replaces it. DTR counts as off until the port raises it. */
  plug(port: DtePort): void {
    this.#dte.plug(port);
    this.#isDtrOn = false;
  }

  /** Goes on-hook and leaves no timer behind. */
  close(): void {
    this.#isClosed = true;
    this.#runner.abort();
    this.#player.stop();
    this.#call.close();
    this.#pump.reset();
    this.#rings.clear();
    this.#dtrDrop.stop();
    this.#dte.plug(undefined);
  }

  // ---- DteListener: what the program does ----

  received(octets: Uint8Array): number {
    return this.#isClosed ? octets.length : this.#dte.offer(octets, (some) => this.#take(some));
  }

  dtr(on: boolean): void {
    this.#isDtrOn = on;
    if (on && this.#mode === 'releasing') this.#dte.dropHeld();
    if (on || this.#isClosed) this.#dtrDrop.stop();
    else this.#dtrDrop.start(this.#settings.registers.dtrDropMs, () => this.#dtrDropped());
  }

  drained(): void {
    if (this.#mode === 'data') this.#line.receiveResumed();
    else if (this.#mode === 'command') this.#dte.resume();
  }

  // ---- LineEquipment: what the line does ----

  ringing(on: boolean): void {
    if (this.#isClosed) return;
    this.#dte.ring(on);
    if (!on) return;
    this.#rings.count();
    if (this.#mode !== 'command' || this.#call.isOffHook) return;
    this.#result('RING');
    this.#personality?.rang(this.#caller);
    const { ringsToAnswer } = this.#settings.registers;
    const mayAnswer = this.#isDtrOn || this.#settings.basic('&D') === 0;
    if (ringsToAnswer > 0 && this.#rings.rings >= ringsToAnswer && mayAnswer) this.#answer();
  }

  callerId(id: CallerId): void {
    this.#caller = id;
    if (this.#mode !== 'command' || this.#call.isOffHook || this.#settings.first('+VCID') === 0) return;
    for (const line of callerIdLines(id, this.#clock.utcMs())) this.#dte.inform(line);
  }

  tone(tone: ToneHz): void {
    if (!this.#isClosed) this.#call.tone(tone);
  }

  digit(symbol: DtmfSymbol, onMs: number): void {
    const report = this.#reportsVoice() ? digitReport(symbol, onMs) : undefined;
    if (report) this.#dte.send(report);
  }

  loopBreak(): void {
    this.#call.loopBreak();
  }

  carrier(state: CarrierState): void {
    this.#call.carrier(state);
  }

  /** Held back in the online command state; on the way down taken and dropped, so that the far end can finish too. */
  receiveRoom(): number {
    if (this.#mode === 'data') return this.#pump.receiveRoom(this.#dte.port);
    return this.#call.isReleasing ? Number.MAX_SAFE_INTEGER : 0;
  }

  receive(octets: Uint8Array): void {
    if (this.#mode === 'data') this.#dte.send(octets);
  }

  transmitReady(): void {
    if (this.#mode === 'data' || this.#mode === 'releasing') this.#dte.resume();
  }

  // ---- octets from the program, by mode ----

  /** Returns how many were taken; none means that the rest must wait. */
  #take(octets: Uint8Array): number {
    switch (this.#mode) {
      case 'data':
        return this.#pump.transmit(octets);
      case 'entering':
        return this.#takeEntry?.(octets) ?? 0;
      case 'command':
        return this.#type(octets);
      case 'calling':
        return this.#maybeAbandon(octets);
      case 'releasing':
        return this.#isDtrOn ? 0 : this.#pump.transmit(octets);
      case 'executing':
        return 0;
    }
  }

  #type(octets: Uint8Array): number {
    if (this.#dte.pending() > commandChunkOctets) return 0;
    const { taken, typed } = this.#editor.take(octets.subarray(0, commandChunkOctets));
    if (this.#settings.echo) this.#dte.send(octets.slice(0, taken));
    if (typed) this.#execute(typed);
    return taken;
  }

  #execute(typed: TypedLine): void {
    if (typed.kind === 'line') this.#lastLine = typed.body;
    if (typed.kind === 'too-long') this.#ended('ERROR');
    else this.#runner.run(parseCommands(this.#lastLine ?? ''));
  }

  #maybeAbandon(octets: Uint8Array): number {
    if (this.#clock.monotonicMs() < this.#abandonFromMs) return octets.length;
    this.#call.abandon();
    return 1;
  }

  // ---- toward the program ----

  /** A command line, or a call, has ended in this. */
  #ended(result: ResultCode): void {
    this.#backToCommands(() => this.#result(result));
  }

  #result(result: ResultCode): void {
    const name = typeof result === 'string' ? result : `${result.connect} ${result.rate}`;
    this.#log.debug({ line: this.#line.number, result: name }, 'modem result code');
    this.#dte.result(result);
  }

  #backToCommands(sayResult: () => void): void {
    this.#mode = 'command';
    this.#takeEntry = undefined;
    sayResult();
    for (const text of this.#announcements.splice(0)) this.#dte.inform(text);
    this.#dte.resume();
  }

  // ---- commands ----

  #host(): PersonalityHost {
    return {
      inform: (text) => this.#dte.inform(text),
      conclude: (text) => {
        this.#runner.abort();
        this.#backToCommands(() => this.#dte.inform(text));
        return 'reported';
      },
      finished: () => {
        this.#mode = 'executing';
        this.#runner.finished();
      },
      announce: (text) => {
        if (this.#mode === 'command' || this.#mode === 'executing') this.#dte.inform(text);
        else this.#announcements.push(text);
      },
      send: (text) => this.#dte.send(Buffer.from(text, 'latin1')),
      echoes: () => this.#settings.echo,
      pend: () => {
        this.#mode = 'executing';
        return 'later';
      },
      enter: (take) => {
        this.#mode = 'entering';
        this.#takeEntry = take;
        return 'later';
      },
      hangUp: () => this.#hangUp(() => {}),
      isOffHook: () => this.#call.isOffHook,
    };
  }

  #commandTarget(): CommandTarget {
    return {
      personality: () => this.#personality,
      lineNumber: () => this.#line.number,
      settings: () => this.#settings,
      isOffHook: () => this.#call.isOffHook,
      inform: (text) => this.#dte.inform(text),
      dial: (text) => this.#dial(text),
      answer: () => this.#answer(),
      backOnLine: () => this.#backOnLine(),
      seize: () => {
        this.#call.seize(this.#isRinging());
        return 'ok';
      },
      hangUp: () => this.#hangUp(() => {}),
      reset: () =>
        this.#hangUp(() => {
          this.#use(new Settings(this.#stored));
          this.#personality?.reset();
        }),
      restoreFactory: () => {
        this.#personality?.reset();
        this.#use(new Settings());
        return 'ok';
      },
      storeSettings: () => {
        this.#stored = new Settings(this.#settings);
        return 'ok';
      },
      storeNumber: (slot, dialString) => (this.#numbers.store(slot, dialString) ? 'ok' : 'error'),
      playTones: (steps) => this.#play(steps),
    };
  }

  #dial(text: string): Outcome {
    const dialString = this.#numbers.resolve(text);
    const parsed =
      dialString === undefined ? undefined : parseDialString(dialString, this.#settings.registers);
    if (!parsed || this.#call.rate !== undefined) return 'error';
    if (this.#isWithoutNetwork()) return 'reported';
    this.#beginCall();
    this.#call.dial(parsed, this.#isRinging());
    return 'reported';
  }

  #answer(): Outcome {
    if (this.#call.rate !== undefined) return 'error';
    if (this.#isWithoutNetwork()) return 'reported';
    if (this.#settings.serviceClass === 8) {
      this.#call.seize(this.#isRinging());
      this.#ended('VCON');
    } else {
      this.#beginCall();
      this.#call.answer(this.#isRinging());
    }
    return 'reported';
  }

  #isWithoutNetwork(): boolean {
    const isWithout = this.#personality?.mayCall() === false;
    if (isWithout) this.#ended('NO CARRIER');
    return isWithout;
  }

  #beginCall(): void {
    this.#mode = 'calling';
    this.#abandonFromMs = this.#clock.monotonicMs() + abandonGraceMs;
  }

  #backOnLine(): Outcome {
    const { rate } = this.#call;
    if (rate === undefined) this.#ended('NO CARRIER');
    else this.#enterData(rate);
    return 'reported';
  }

  #hangUp(then: () => void): Outcome {
    this.#mode = 'executing';
    const isDone = this.#call.hangUp(() => {
      then();
      this.#runner.finished();
    });
    if (isDone) then();
    return isDone ? 'ok' : 'later';
  }

  #play(steps: readonly ToneStep[]): Outcome {
    this.#mode = 'executing';
    this.#player.play(steps, this.#settings.registers, () => this.#runner.finished());
    return 'later';
  }

  #use(settings: Settings): void {
    this.#settings = settings;
    settings.registers.countRing(this.#rings.rings);
  }

  // ---- what becomes of a call ----

  #callEvents(): CallEvents {
    return {
      connected: (rate, isErrorFree) => {
        this.#dte.showCircuits();
        for (const report of connectReports(rate, isErrorFree, this.#settings)) {
          this.#dte.inform(report);
        }
        this.#enterData(rate);
      },
      answered: () => this.#ended('VCON'),
      dialled: () => this.#ended('OK'),
      failed: (result) => this.#ended(result),
      ringBack: () => {
        if (this.#settings.tellsRingBack) this.#result('RINGING');
      },
      carrierLost: () => {
        this.#leaveData();
        this.#ended('NO CARRIER');
      },
      heard: (signal) => {
        if (this.#reportsVoice()) this.#dte.send(signalReport(signal));
      },
      unsent: () =>
        this.#pump.unsent() + (this.#mode === 'releasing' && this.#dte.isHeld && !this.#isDtrOn ? 1 : 0),
    };
  }

  #enterData(rate: number): void {
    this.#result({ connect: 'CONNECT', rate });
    this.#mode = 'data';
    this.#pump.start();
  }

  #escaped(): void {
    this.#pump.stop();
    this.#ended('OK');
  }

  /** Typed in data mode, or before DTR dropped. */
  #leaveData(): void {
    if (this.#mode === 'data' || (this.#mode === 'releasing' && !this.#isDtrOn)) this.#dte.dropHeld();
    this.#pump.reset();
  }

  /** DTR has been off for S25 (V.250 6.2.9). */
  #dtrDropped(): void {
    const action = this.#settings.basic('&D');
    if (this.#mode === 'entering') this.#abandonEntry();
    if (action === 1 && this.#mode === 'data') this.#escaped();
    if (action >= 2 && this.#mode === 'calling') this.#call.abandon();
    else if (action >= 2 && !this.#call.isReleasing) this.#disconnect(action);
  }

  /** A program that has left will not finish what it was typing. */
  #abandonEntry(): void {
    this.#runner.abort();
    this.#backToCommands(() => {});
  }

  #disconnect(action: number): void {
    const end = () => {
      this.#leaveData();
      if (action === 3) this.#use(new Settings(this.#stored));
      this.#ended('OK');
    };
    this.#runner.abort();
    this.#player.stop();
    this.#editor.clear();
    this.#pump.stop();
    if (!this.#call.isOffHook) return;
    this.#mode = 'releasing';
    if (this.#call.hangUp(end)) end();
  }

  #reportsVoice(): boolean {
    return (
      this.#settings.serviceClass === 8 &&
      this.#call.isOffHook &&
      this.#call.rate === undefined &&
      (this.#mode === 'command' || this.#mode === 'executing')
    );
  }

  /** A burst or the pause after it. */
  #isRinging(): boolean {
    return this.#rings.rings > 0;
  }
}
