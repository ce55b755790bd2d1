import { type Log, silentLog } from '../../../log/log.js';
import type { Clock } from '../../../time/clock.js';
import type { CallerId, DtmfSymbol, ToneHz } from '../../signals.js';
import type { DteListener, DtePort } from '../dte.js';
import type { CarrierState, Line, LineEquipment } from '../line.js';
import { CommandLineEditor, type TypedLine } from './command-line.js';
import type { Outcome } from './command-outcome.js';
import { parseCommands } from './command-parser.js';
import { CommandRunner } from './command-runner.js';
import type { CommandTarget } from './command-target.js';
import { DataCall } from './data-call.js';
import { parseDialString } from './dial-string.js';
import { DteSide } from './dte-side.js';
import { IncomingCall, type IncomingCallEvents } from './incoming-call.js';
import { ModemState } from './modem-state.js';
import { OneShot } from './one-shot.js';
import type { Personality, PersonalityHost } from './personality.js';
import { PersonalitySeat } from './personality-seat.js';
import { ProfileStore } from './profile-store.js';
import type { Profile } from './profiles/profile.js';
import { Settings } from './settings.js';
import { StoredNumbers } from './stored-numbers.js';
import { VoiceClass } from './voice-class.js';

/** Commands are taken in pieces, and none while the program leaves as much of the answers unread. */
const commandChunkOctets = 4096;

/** One modem between a subscriber line and a program's serial port. */
export class SimulatedModem implements LineEquipment, DteListener {
  readonly #line: Line;
  readonly #state: ModemState;
  readonly #call: DataCall;
  readonly #voice: VoiceClass;
  readonly #incoming: IncomingCall;
  readonly #seat: PersonalitySeat;
  readonly #dtrDrop: OneShot;
  readonly #editor: CommandLineEditor;
  readonly #runner: CommandRunner;
  readonly #numbers = new StoredNumbers();
  readonly #profiles: ProfileStore;
  #lastLine: string | undefined;
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
    const { line, clock, maxRate, log = silentLog } = options;
    const factory = new Settings(options.profile);
    const settings = () => this.#state.settings;
    const dte = new DteSide({ settings, hasCarrier: () => this.#call.control.terms !== undefined });
    const backInCommands = () => this.#backInCommands();
    this.#line = line;
    this.#state = new ModemState({ settings: factory, dte, log, lineNumber: line.number, backInCommands });
    this.#profiles = new ProfileStore(factory);
    this.#editor = new CommandLineEditor(settings);
    this.#runner = new CommandRunner(this.#commandTarget(), (result) => this.#state.ended(result));
    this.#incoming = new IncomingCall({ clock, settings, events: this.#incomingEvents() });
    this.#call = new DataCall({
      line,
      clock,
      maxRate,
      state: this.#state,
      isRinging: () => this.#incoming.isRinging,
      heard: (signal) => this.#voice.heard(signal),
      interrupt: () => this.#interrupt(),
    });
    const shared = { line, clock, state: this.#state, call: this.#call.control, runner: this.#runner };
    this.#voice = new VoiceClass({ ...shared, programGone: () => this.#programGone() });
    this.#seat = new PersonalitySeat(
      {
        ...shared,
        hangUp: () => this.#hangUp(() => {}),
        isOffHook: () => this.#call.control.isOffHook,
        restart: () => this.#restart(),
      },
      options.personality,
    );
    this.#dtrDrop = new OneShot(clock);
    line.connect(this);
  }

  /** Plugs the cable in; a later one replaces it. DTR counts as off until the port raises it. */
  plug(port: DtePort): void {
    this.#state.dte.plug(port);
    this.#state.isDtrOn = false;
  }

  /** Goes on-hook and leaves no timer behind. */
  close(): void {
    this.#isClosed = true;
    this.#stop();
    this.#incoming.clear();
    this.#dtrDrop.stop();
    this.#state.dte.plug(undefined);
  }

  // ---- DteListener: what the program does ----

  received(octets: Uint8Array): number {
    return this.#isClosed ? octets.length : this.#state.dte.offer(octets, (some) => this.#take(some));
  }

  dtr(on: boolean): void {
    const { dte, mode, settings } = this.#state;
    this.#state.isDtrOn = on;
    if (on && mode === 'releasing') dte.dropHeld();
    if (on || this.#isClosed) this.#dtrDrop.stop();
    else this.#dtrDrop.start(settings.registers.dtrDropMs, () => this.#dtrDropped());
  }

  drained(): void {
    if (this.#state.mode === 'data') this.#line.receiveResumed();
    else if (this.#state.mode === 'command') this.#state.dte.resume();
  }

  // ---- LineEquipment: what the line does ----

  ringing(on: boolean): void {
    if (this.#isClosed) return;
    this.#state.dte.ring(on);
    this.#incoming.ringing(on, this.#isIdle());
  }

  callerId(id: CallerId): void {
    if (!this.#isClosed) this.#incoming.callerId(id, this.#isIdle());
  }

  tone(tone: ToneHz): void {
    if (!this.#isClosed) this.#call.control.tone(tone);
  }

  digit(symbol: DtmfSymbol, onMs: number): void {
    this.#voice.digit(symbol, onMs);
  }

  loopBreak(): void {
    this.#call.control.loopBreak();
  }

  carrier(state: CarrierState): void {
    this.#call.control.carrier(state);
  }

  receiveRoom(): number {
    return this.#call.receiveRoom();
  }

  receive(octets: Uint8Array): void {
    if (this.#state.mode === 'data') this.#call.receive(octets);
  }

  transmitReady(): void {
    const { mode, dte } = this.#state;
    if (mode === 'data' || mode === 'releasing') dte.resume();
  }

  // ---- octets from the program, by mode ----

  /** Returns how many were taken; none means that the rest must wait. */
  #take(octets: Uint8Array): number {
    this.#voice.touch();
    switch (this.#state.mode) {
      case 'data':
        return this.#call.transmit(octets);
      case 'stream':
        return this.#voice.take(octets);
      case 'entering':
        return this.#seat.take(octets);
      case 'command':
        return this.#type(octets);
      case 'calling':
        return this.#call.abandon(octets);
      case 'releasing':
        return this.#state.isDtrOn ? 0 : this.#call.transmit(octets);
      case 'executing':
        return 0;
    }
  }

  #type(octets: Uint8Array): number {
    const { dte, settings } = this.#state;
    if (dte.pending() > commandChunkOctets) return 0;
    const { taken, typed } = this.#editor.take(octets.subarray(0, commandChunkOctets));
    if (settings.echo) dte.send(octets.slice(0, taken));
    if (typed) this.#execute(typed);
    return taken;
  }

  #execute(typed: TypedLine): void {
    if (typed.kind === 'line') this.#lastLine = typed.body;
    if (typed.kind === 'too-long') this.#state.ended('ERROR');
    else this.#runner.run(parseCommands(this.#lastLine ?? ''));
  }

  // ---- commands ----

  #commandTarget(): CommandTarget {
    return {
      personality: () => this.#seat.personality,
      lineNumber: () => this.#line.number,
      settings: () => this.#state.settings,
      isOffHook: () => this.#call.control.isOffHook,
      inform: (text) => this.#state.dte.inform(text),
      dial: (text) => this.#dial(text),
      answer: () => this.#answer(),
      backOnLine: (retrains) => this.#call.backOnLine(retrains),
      seize: () => this.#call.seize(),
      joinLine: () => this.#joinLine(),
      hangUp: () => this.#hangUp(() => {}),
      reset: (profile) => this.#reset(profile),
      restoreFactory: () => {
        this.#seat.reset();
        this.#use(new Settings(this.#state.settings.profile));
        return 'ok';
      },
      storeSettings: (profile) => (this.#profiles.store(profile, this.#state.settings) ? 'ok' : 'error'),
      storeNumber: (slot, dialString) => (this.#numbers.store(slot, dialString) ? 'ok' : 'error'),
      storedNumber: (slot) => this.#numbers.at(slot),
      profilesText: () => `ACTIVE PROFILE:\r\n${this.#state.settings.dump()}\r\n${this.#profiles.dump()}`,
      numbersText: () => this.#numbers.dump(),
      linkText: () => this.#call.linkText(),
      playTones: (steps) => this.#voice.play(steps),
      openStream: (direction) => this.#voice.openStream(direction),
      repeatCallerId: (form) => this.#incoming.repeatCallerId(form),
    };
  }

  #dial(text: string): Outcome {
    const dialString = this.#numbers.resolve(text);
    const { registers } = this.#state.settings;
    const parsed = dialString === undefined ? undefined : parseDialString(dialString, registers);
    if (!parsed || this.#call.control.terms) return 'error';
    return this.#seat.mayCall() ? this.#call.dial(parsed) : 'reported';
  }

  #answer(): Outcome {
    if (this.#call.control.terms) return 'error';
    return this.#seat.mayCall() ? this.#call.answer() : 'reported';
  }

  #joinLine(): Outcome {
    this.#call.seize();
    const { lineResult } = this.#state.settings.profile;
    if (lineResult === 'OK') return 'ok';
    this.#state.ended(lineResult);
    return 'reported';
  }

  #hangUp(then: () => void): Outcome {
    return this.#call.hangUp(then, () => this.#runner.finished());
  }

  #reset(profile: number): Outcome {
    const recalled = this.#profiles.recall(profile, this.#state.settings);
    if (!recalled) return 'error';
    return this.#hangUp(() => {
      this.#use(recalled);
      this.#seat.reset();
    });
  }

  #use(settings: Settings): void {
    this.#state.settings = settings;
    settings.registers.countRing(this.#incoming.rings);
  }

  // ---- what happens by itself ----

  #incomingEvents(): IncomingCallEvents {
    return {
      counted: (rings) => this.#state.settings.registers.countRing(rings),
      ring: () => {
        if (!this.#isIdle()) return;
        this.#state.result('RING');
        this.#seat.rang(this.#incoming.caller);
      },
      inform: (text) => this.#state.dte.inform(text),
      answer: () => {
        if (this.#state.isDtrOn || this.#state.settings.basic('&D') === 0) this.#answer();
      },
    };
  }

  #backInCommands(): void {
    this.#seat.endEntry();
    this.#call.rested();
    this.#voice.watch();
  }

  /** DTR has been off for S25 (V.250 6.2.9). */
  #dtrDropped(): void {
    const action = this.#state.settings.basic('&D');
    if (this.#state.mode === 'entering') this.#seat.abandonEntry();
    if (action === 1) this.#backFromData();
    if (action < 2) return;
    if (this.#state.mode === 'calling') this.#call.control.abandon();
    else if (!this.#call.control.isReleasing) {
      this.#call.disconnect('DTR', 'OK', () => {
        const stored = action === 3 ? this.#profiles.recall(0, this.#state.settings) : undefined;
        if (stored) this.#use(stored);
      });
    }
  }

  /** `&D1`: the call stays. */
  #backFromData(): void {
    if (this.#state.mode === 'data') this.#call.escape();
    if (!this.#voice.isStreaming) return;
    this.#voice.interrupt();
    this.#state.ended('OK');
  }

  /** `+VIT`: a voice program that has gone leaves a modem that other programs understand, on-hook. */
  #programGone(): void {
    this.#state.settings.serviceClass = 0;
    this.#call.disconnect('inactivity', 'OK', () => {});
  }

  #interrupt(): void {
    this.#runner.abort();
    this.#voice.interrupt();
    this.#editor.clear();
  }

  #stop(): void {
    this.#runner.abort();
    this.#voice.close();
    this.#call.close();
  }

  /** As after a failure of power. */
  #restart(): void {
    this.#stop();
    this.#editor.clear();
    this.#state.forgetAnnouncements();
    this.#use(this.#profiles.recall(0, this.#state.settings) ?? this.#state.settings);
    this.#state.backToCommands(() => this.#state.dte.showCircuits());
  }

  #isIdle(): boolean {
    return this.#state.mode === 'command' && !this.#call.control.isOffHook;
  }
}
