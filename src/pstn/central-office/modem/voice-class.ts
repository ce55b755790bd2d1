import type { Clock } from '../../../time/clock.js';
import type { DtmfSymbol } from '../../signals.js';
import type { Line } from '../line.js';
import type { CallControl } from './call-control.js';
import type { CallSignal } from './call-progress.js';
import type { Outcome } from './command-outcome.js';
import type { CommandRunner } from './command-runner.js';
import { InactivityTimer } from './inactivity-timer.js';
import type { ModemState } from './modem-state.js';
import type { ToneStep } from './tone-list.js';
import { TonePlayer } from './tone-player.js';
import { digitReport, signalReport } from './voice-reports.js';
import { type StreamDirection, VoiceStream } from './voice-stream.js';

/** What class 8 has beyond data: tones and streams to the line, reports of what is heard on it, and a program that may be gone. */
export class VoiceClass {
  readonly #state: ModemState;
  readonly #call: CallControl;
  readonly #runner: CommandRunner;
  readonly #player: TonePlayer;
  readonly #stream: VoiceStream;
  readonly #inactivity: InactivityTimer;
  readonly #programGone: () => void;

  /** @param parts.programGone `+VIT` is over */
  constructor(parts: {
    readonly line: Line;
    readonly clock: Clock;
    readonly state: ModemState;
    readonly call: CallControl;
    readonly runner: CommandRunner;
    programGone(): void;
  }) {
    const { line, clock, state } = parts;
    this.#state = state;
    this.#call = parts.call;
    this.#runner = parts.runner;
    this.#programGone = parts.programGone;
    this.#player = new TonePlayer(line, clock);
    this.#inactivity = new InactivityTimer(clock);
    this.#stream = new VoiceStream({
      line,
      clock,
      settings: () => state.settings,
      dte: state.dte,
      ended: () => state.ended('OK'),
    });
  }

  play(steps: readonly ToneStep[]): Outcome {
    this.#state.mode = 'executing';
    this.#player.play(steps, this.#state.settings.registers, () => this.#runner.finished());
    return 'later';
  }

  openStream(direction: StreamDirection): Outcome {
    this.#state.result('CONNECT');
    // A recording program may say nothing for long (`+VIT`).
    this.#inactivity.stop();
    this.#state.mode = 'stream';
    this.#stream.open(direction);
    return 'reported';
  }

  get isStreaming(): boolean {
    return this.#stream.isOpen;
  }

  take(octets: Uint8Array): number {
    return this.#stream.take(octets);
  }

  digit(symbol: DtmfSymbol, onMs: number): void {
    if (this.#stream.claims(symbol, onMs)) return;
    this.#report(digitReport(symbol, onMs, this.#state.settings.first('+VEM')));
  }

  heard(signal: CallSignal | 'loop-break'): void {
    // A stream hears tones as audio.
    const isHeardAlready = this.#stream.isOpen && signal !== 'loop-break';
    if (!isHeardAlready) this.#report(signalReport(signal, this.#state.settings.first('+VEM')));
  }

  /** Whatever plays or streams ends without a result code. */
  interrupt(): void {
    this.#player.stop();
    this.#stream.close();
  }

  /** The program has typed. */
  touch(): void {
    this.#inactivity.touch();
  }

  /** In the command mode; a modem of data class has no timer. */
  watch(): void {
    const limitMs = this.#isWatched ? this.#state.settings.first('+VIT') * 1000 : 0;
    this.#inactivity.start(limitMs, () => {
      // The last command may have begun a data call.
      if (this.#isWatched) this.#programGone();
    });
  }

  get #isWatched(): boolean {
    return this.#state.settings.serviceClass === 8 && !this.#call.terms;
  }

  close(): void {
    this.interrupt();
    this.#inactivity.stop();
  }

  #report(report: Uint8Array | undefined): void {
    const { mode, settings, dte } = this.#state;
    const isVoice =
      settings.serviceClass === 8 &&
      this.#call.isOffHook &&
      !this.#call.terms &&
      (mode === 'command' || mode === 'executing' || mode === 'stream');
    if (report && isVoice) dte.send(report);
  }
}
