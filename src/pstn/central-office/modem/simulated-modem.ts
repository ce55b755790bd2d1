import { type Log, silentLog } from '../../../log/log.js';
import type { Clock } from '../../../time/clock.js';
import type { CallerId, DtmfSymbol, ToneHz } from '../../signals.js';
import type { CarrierTerms } from '../carrier-terms.js';
import type { DteListener, DtePort } from '../dte.js';
import type { CarrierState, Line, LineEquipment } from '../line.js';
import { CallControl, type CallEvents } from './call-control.js';
import { CommandLineEditor, type TypedLine } from './command-line.js';
import { parseCommands } from './command-parser.js';
import { CommandRunner } from './command-runner.js';
import type { CommandTarget, Outcome } from './command-target.js';
import { DataPump } from './data-pump.js';
import { parseDialString } from './dial-string.js';
import { DteSide } from './dte-side.js';
import { InactivityTimer } from './inactivity-timer.js';
import { IncomingCall, type IncomingCallEvents } from './incoming-call.js';
import { LinkReport } from './link-report.js';
import { OneShot } from './one-shot.js';
import type { Personality, PersonalityHost } from './personality.js';
import { ProfileStore } from './profile-store.js';
import type { Profile } from './profiles/profile.js';
import { connectReports, type ResultCode } from './result-codes.js';
import { Settings } from './settings.js';
import { StoredNumbers } from './stored-numbers.js';
import type { ToneStep } from './tone-list.js';
import { TonePlayer } from './tone-player.js';
import { digitReport, signalReport } from './voice-reports.js';
import { type StreamDirection, VoiceStream } from './voice-stream.js';

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
  /** Samples, shielded. */
  | 'stream'
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
  readonly #stream: VoiceStream;
  readonly #incoming: IncomingCall;
  /** S30 while connected, `+VIT` in voice class. */
  readonly #inactivity: InactivityTimer;
  readonly #link = new LinkReport();
  readonly #dtrDrop: OneShot;
  /** `O1` */
  readonly #retraining: OneShot;
  readonly #editor = new CommandLineEditor(() => this.#settings);
  readonly #runner = new CommandRunner(this.#commandTarget(), (result) => this.#ended(result));
  readonly #numbers = new StoredNumbers();
  readonly #personality: Personality | undefined;
  /** What the personality has to say when the program can read it as such. */
  readonly #announcements: string[] = [];
  #takeEntry: ((octets: Uint8Array) => number) | undefined;
  readonly #profiles: ProfileStore;
  #settings: Settings;
  #mode: Mode = 'command';
  #lastLine: string | undefined;
  #abandonFromMs = 0;
  #isDtrOn = false;
  /** The present call came in (Q2). */
  #wasCalled = false;
  #isClosed = false;

  /**
   * @param options.maxRate bit/s, the fastest that its carrier goes
   * @param options.profile the make of modem
   */
  constructor(options: {
    readonly line: Line;
    readonly clock: Clock;
    readonly maxRate: number;
    readonly profile: Profile;
    readonly log?: Log;
    /** Makes it a cellular modem, say; left out, it is an analogue one. */
    personality?(host: PersonalityHost): Personality;
  }) {
    const { line, clock, maxRate } = options;
    this.#settings = new Settings(options.profile);
    this.#profiles = new ProfileStore(this.#settings);
    const settings = () => this.#settings;
    this.#line = line;
    this.#clock = clock;
    this.#log = options.log ?? silentLog;
    this.#call = new CallControl({ line, clock, maxRate, settings, events: this.#callEvents() });
    this.#dte = new DteSide({ settings, hasCarrier: () => this.#call.terms !== undefined });
    this.#pump = new DataPump({ line, clock, settings, escaped: () => this.#escaped() });
    this.#player = new TonePlayer(line, clock);
    const ended = () => this.#ended('OK');
    this.#stream = new VoiceStream({ line, clock, settings, dte: this.#dte, ended });
    this.#incoming = new IncomingCall({ clock, settings, events: this.#incomingEvents() });
    this.#inactivity = new InactivityTimer(clock);
    this.#dtrDrop = new OneShot(clock);
    this.#retraining = new OneShot(clock);
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
    this.#stopEverything();
    this.#incoming.clear();
    this.#dtrDrop.stop();
    this.#dte.plug(undefined);
  }

  #stopEverything(): void {
    this.#runner.abort();
    this.#player.stop();
    this.#stream.close();
    this.#call.close();
    this.#pump.reset();
    this.#inactivity.stop();
    this.#retraining.stop();
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
    this.#incoming.ringing(on, this.#isIdle());
  }

  callerId(id: CallerId): void {
    if (!this.#isClosed) this.#incoming.callerId(id, this.#isIdle());
  }

  tone(tone: ToneHz): void {
    if (!this.#isClosed) this.#call.tone(tone);
  }

  digit(symbol: DtmfSymbol, onMs: number): void {
    if (this.#stream.claims(symbol, onMs)) return;
    this.#reportVoice(digitReport(symbol, onMs, this.#settings.first('+VEM')));
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
    if (this.#mode !== 'data') return;
    this.#inactivity.touch();
    this.#link.received(octets.length);
    this.#dte.send(octets);
  }

  transmitReady(): void {
    if (this.#mode === 'data' || this.#mode === 'releasing') this.#dte.resume();
  }

  // ---- octets from the program, by mode ----

  /** Returns how many were taken; none means that the rest must wait. */
  #take(octets: Uint8Array): number {
    this.#inactivity.touch();
    switch (this.#mode) {
      case 'data':
        return this.#transmit(octets);
      case 'stream':
        return this.#stream.take(octets);
      case 'entering':
        return this.#takeEntry?.(octets) ?? 0;
      case 'command':
        return this.#type(octets);
      case 'calling':
        return this.#maybeAbandon(octets);
      case 'releasing':
        return this.#isDtrOn ? 0 : this.#transmit(octets);
      case 'executing':
        return 0;
    }
  }

  #transmit(octets: Uint8Array): number {
    const taken = this.#pump.transmit(octets);
    this.#link.sent(taken);
    return taken;
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

  #backToCommands(sayResult: () => void): void {
    this.#mode = 'command';
    this.#takeEntry = undefined;
    this.#retraining.stop();
    sayResult();
    if (!this.#call.isOffHook) this.#wasCalled = false;
    this.#watchVoice();
    for (const text of this.#announcements.splice(0)) this.#dte.inform(text);
    this.#dte.resume();
  }

  #result(result: ResultCode): void {
    const name = typeof result === 'string' ? result : `${result.connect} ${result.terms.rate}`;
    this.#log.debug({ line: this.#line.number, result: name }, 'modem result code');
    const isOfCall = typeof result === 'object' || result === 'RING' || result === 'NO CARRIER';
    if (isOfCall && (this.#wasCalled || result === 'RING') && this.#settings.quietWhenCalled) {
      this.#dte.showCircuits();
    } else this.#dte.result(result);
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
      restart: () => {
        this.#stopEverything();
        this.#editor.clear();
        this.#announcements.length = 0;
        this.#use(this.#profiles.recall(0, this.#settings) ?? this.#settings);
        this.#backToCommands(() => this.#dte.showCircuits());
      },
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
      backOnLine: (retrains) => this.#backOnLine(retrains),
      seize: () => this.#seize(),
      joinLine: () => this.#joinLine(),
      hangUp: () => this.#hangUp(() => {}),
      reset: (profile) => this.#reset(profile),
      restoreFactory: () => {
        this.#personality?.reset();
        this.#use(new Settings(this.#settings.profile));
        return 'ok';
      },
      storeSettings: (profile) => (this.#profiles.store(profile, this.#settings) ? 'ok' : 'error'),
      storeNumber: (slot, dialString) => (this.#numbers.store(slot, dialString) ? 'ok' : 'error'),
      storedNumber: (slot) => this.#numbers.at(slot),
      profilesText: () => `ACTIVE PROFILE:\r\n${this.#settings.dump()}\r\n${this.#profiles.dump()}`,
      numbersText: () => this.#numbers.dump(),
      linkText: () => this.#link.text(this.#clock.monotonicMs()),
      playTones: (steps) => this.#play(steps),
      openStream: (direction) => this.#openStream(direction),
      repeatCallerId: (form) => this.#incoming.repeatCallerId(form),
    };
  }

  #dial(text: string): Outcome {
    const dialString = this.#numbers.resolve(text);
    const parsed =
      dialString === undefined ? undefined : parseDialString(dialString, this.#settings.registers);
    if (!parsed || this.#call.terms) return 'error';
    if (this.#isWithoutNetwork()) return 'reported';
    this.#beginCall();
    this.#call.dial(parsed, this.#incoming.isRinging);
    return 'reported';
  }

  #answer(): Outcome {
    if (this.#call.terms) return 'error';
    if (this.#isWithoutNetwork()) return 'reported';
    this.#wasCalled = true;
    if (this.#settings.serviceClass === 8) {
      this.#seize();
      this.#ended(this.#settings.profile.answerResult);
    } else {
      this.#beginCall();
      this.#call.answer(this.#incoming.isRinging);
    }
    return 'reported';
  }

  #isWithoutNetwork(): boolean {
    const isWithout = this.#personality?.mayCall() === false;
    if (isWithout) this.#ended('NO CARRIER');
    return isWithout;
  }

  #seize(): Outcome {
    this.#call.seize(this.#incoming.isRinging);
    return 'ok';
  }

  #joinLine(): Outcome {
    this.#seize();
    const { lineResult } = this.#settings.profile;
    if (lineResult === 'OK') return 'ok';
    this.#ended(lineResult);
    return 'reported';
  }

  #beginCall(): void {
    this.#mode = 'calling';
    this.#abandonFromMs = this.#clock.monotonicMs() + abandonGraceMs;
  }

  #backOnLine(retrains: boolean): Outcome {
    const { terms } = this.#call;
    const trainingMs = retrains && terms ? this.#line.retrain() : 0;
    if (!terms) this.#ended('NO CARRIER');
    else if (trainingMs === 0) this.#enterData(terms);
    else {
      this.#link.retrained();
      this.#beginCall();
      this.#retraining.start(trainingMs, () => this.#enterData(terms));
    }
    return 'reported';
  }

  #hangUp(then: () => void): Outcome {
    this.#mode = 'executing';
    const end = () => {
      this.#link.ended('hang-up', this.#clock.monotonicMs());
      then();
    };
    const isDone = this.#call.hangUp(() => {
      end();
      this.#runner.finished();
    }, this.#settings.first('+VNH') === 2);
    if (isDone) end();
    return isDone ? 'ok' : 'later';
  }

  #reset(profile: number): Outcome {
    const recalled = this.#profiles.recall(profile, this.#settings);
    if (!recalled) return 'error';
    return this.#hangUp(() => {
      this.#use(recalled);
      this.#personality?.reset();
    });
  }

  #play(steps: readonly ToneStep[]): Outcome {
    this.#mode = 'executing';
    this.#player.play(steps, this.#settings.registers, () => this.#runner.finished());
    return 'later';
  }

  #openStream(direction: StreamDirection): Outcome {
    this.#result('CONNECT');
    // A recording program may say nothing for long (`+VIT`).
    this.#inactivity.stop();
    this.#mode = 'stream';
    this.#stream.open(direction);
    return 'reported';
  }

  #use(settings: Settings): void {
    this.#settings = settings;
    settings.registers.countRing(this.#incoming.rings);
  }

  // ---- what becomes of a call ----

  #incomingEvents(): IncomingCallEvents {
    return {
      counted: (rings) => this.#settings.registers.countRing(rings),
      ring: () => {
        if (!this.#isIdle()) return;
        this.#result('RING');
        this.#personality?.rang(this.#incoming.caller);
      },
      inform: (text) => this.#dte.inform(text),
      answer: () => {
        if (this.#isDtrOn || this.#settings.basic('&D') === 0) this.#answer();
      },
    };
  }

  #callEvents(): CallEvents {
    return {
      connected: (terms) => {
        this.#dte.showCircuits();
        for (const report of connectReports(terms, this.#settings)) this.#dte.inform(report);
        this.#link.connected(terms, this.#clock.monotonicMs());
        this.#inactivity.start(this.#settings.inactivityMs, () => this.#endUnused());
        this.#enterData(terms);
      },
      answered: () => this.#ended(this.#settings.profile.answerResult),
      dialled: () => this.#ended('OK'),
      failed: (result) => this.#ended(result),
      ringBack: () => {
        if (this.#settings.tellsRingBack) this.#result('RINGING');
      },
      carrierLost: () => {
        this.#leaveData();
        this.#link.ended('loss of carrier', this.#clock.monotonicMs());
        this.#ended('NO CARRIER');
      },
      heard: (signal) => {
        // A stream hears tones as audio.
        const isHeardAlready = this.#stream.isOpen && signal !== 'loop-break';
        if (!isHeardAlready) this.#reportVoice(signalReport(signal, this.#settings.first('+VEM')));
      },
      unsent: () =>
        this.#pump.unsent() + (this.#mode === 'releasing' && this.#dte.isHeld && !this.#isDtrOn ? 1 : 0),
    };
  }

  #enterData(terms: CarrierTerms): void {
    this.#result({ connect: 'CONNECT', terms });
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
    if (action === 1 && this.#stream.isOpen) {
      this.#stream.close();
      this.#ended('OK');
    }
    if (action >= 2 && this.#mode === 'calling') this.#call.abandon();
    else if (action >= 2 && !this.#call.isReleasing) {
      this.#disconnect('DTR', 'OK', () => {
        const stored = action === 3 ? this.#profiles.recall(0, this.#settings) : undefined;
        if (stored) this.#use(stored);
      });
    }
  }

  /** A program that has left will not finish what it was typing. */
  #abandonEntry(): void {
    this.#runner.abort();
    this.#backToCommands(() => {});
  }

  /** S30 is over. */
  #endUnused(): void {
    if (!this.#call.isReleasing) this.#disconnect('inactivity', 'NO CARRIER', () => {});
  }

  #disconnect(reason: string, result: ResultCode, then: () => void): void {
    const end = () => {
      this.#leaveData();
      this.#link.ended(reason, this.#clock.monotonicMs());
      then();
      this.#ended(result);
    };
    this.#runner.abort();
    this.#player.stop();
    this.#stream.close();
    this.#editor.clear();
    this.#pump.stop();
    if (!this.#call.isOffHook) return;
    this.#mode = 'releasing';
    if (this.#call.hangUp(end)) end();
  }

  /** `+VIT`: a program of voice class that has gone leaves a modem that other programs understand, on-hook. */
  #watchVoice(): void {
    if (this.#call.terms) return;
    const limitMs = this.#settings.serviceClass === 8 ? this.#settings.first('+VIT') * 1000 : 0;
    this.#inactivity.start(limitMs, () => {
      this.#settings.serviceClass = 0;
      this.#disconnect('inactivity', 'OK', () => {});
    });
  }

  #reportVoice(report: Uint8Array | undefined): void {
    const isVoice =
      this.#settings.serviceClass === 8 &&
      this.#call.isOffHook &&
      !this.#call.terms &&
      (this.#mode === 'command' || this.#mode === 'executing' || this.#mode === 'stream');
    if (report && isVoice) this.#dte.send(report);
  }

  #isIdle(): boolean {
    return this.#mode === 'command' && !this.#call.isOffHook;
  }
}
