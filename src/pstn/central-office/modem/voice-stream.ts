import type { Clock } from '../../../time/clock.js';
import { DtmfDetector } from '../../audio/dtmf-detector.js';
import { ToneDetector } from '../../audio/tone-detector.js';
import type { DtmfSymbol } from '../../signals.js';
import { Unshielding } from '../../voice-shielding.js';
import type { Line, Listening } from '../line.js';
import { OneShot } from './one-shot.js';
import type { Settings } from './settings.js';
import { type VoiceFormat, voiceFormat } from './voice-formats.js';
import { VoicePlayer } from './voice-player.js';
import { amplified, gainOf, VoiceRecorder } from './voice-recorder.js';
import { heardDigitReport, signalReport, type VoiceSignal } from './voice-reports.js';

/** `+VTX`, `+VRX`, `+VTR`. */
export type StreamDirection = 'transmit' | 'receive' | 'duplex';

const etx = '\x03';
const can = '\x18';
const esc = '\x1b';

/** V.253's and IS-101's ways to end what the modem sends: end, abort, end of duplex; and Rockwell's. */
const stopCodes: readonly string[] = [esc, '!', '^', etx];

const endOfStream = Uint8Array.of(0x10, 0x03);

const tickMs = 20;

interface Open {
  readonly direction: StreamDirection;
  readonly format: VoiceFormat;
  readonly listening: Listening;
  readonly digits: DtmfDetector;
  readonly tones: ToneDetector;
  readonly player: VoicePlayer | undefined;
  readonly recorder: VoiceRecorder | undefined;
  readonly transmitGain: number;
  readonly fromProgram: Unshielding;
  readonly sinceMs: number;
}

export interface VoiceStreamParts {
  readonly line: Line;
  readonly clock: Clock;
  settings(): Settings;
  readonly dte: { send(octets: Uint8Array): void; pending(): number; resume(): void };
  /** The program has ended the stream, and everything of it has been played or sent. */
  ended(): void;
}

/**
 * Voice between the program and the line from CONNECT to the result code that follows. Every 20 ms it reads what is
 * heard, looks for digits and call progress in it, and passes samples on in both directions.
 */
export class VoiceStream {
  readonly #parts: VoiceStreamParts;
  readonly #timer: OneShot;
  #open: Open | undefined;
  #dueMs = 0;
  /** No more samples of the program follow. */
  #isFinishing = false;
  /** The octets of a sample of which not all have come. */
  #partial: Uint8Array = new Uint8Array();
  /** The stream that was open last, and the key that sounded at its end and has been told. */
  #last:
    | { readonly fromMs: number; readonly toMs: number; readonly held: DtmfSymbol | undefined }
    | undefined;

  constructor(parts: VoiceStreamParts) {
    this.#parts = parts;
    this.#timer = new OneShot(parts.clock);
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  open(direction: StreamDirection): void {
    const { line, clock, dte } = this.#parts;
    const settings = this.#parts.settings();
    const format = voiceFormat(settings.first('+VSM'));
    this.#isFinishing = false;
    this.#partial = new Uint8Array();
    this.#open = {
      direction,
      format,
      listening: line.listen(),
      digits: new DtmfDetector(),
      tones: new ToneDetector(),
      player: direction === 'receive' ? undefined : new VoicePlayer(line, clock),
      recorder:
        direction === 'transmit'
          ? undefined
          : new VoiceRecorder(format, settings, dte, (event) => this.tell(event)),
      transmitGain: gainOf(settings.first('+VGT')),
      fromProgram: new Unshielding({
        data: (octets) => this.#samplesCame(octets),
        code: (character) => this.#commanded(character),
      }),
      sinceMs: clock.monotonicMs(),
    };
    this.#dueMs = clock.monotonicMs();
    this.#awaitTick();
  }

  /** Octets from the program. Returns how many were taken; the port keeps the rest. */
  take(octets: Uint8Array): number {
    const open = this.#open;
    if (!open || this.#isFinishing) return 0;
    const room = open.player ? open.player.room * open.format.octetsPerSample : octets.length;
    return open.fromProgram.push(octets.subarray(0, room));
  }

  /** An event, between the samples where there are any. */
  tell(signal: VoiceSignal): void {
    this.#report(signalReport(signal, this.#parts.settings().first('+VEM')));
  }

  /** True for a burst that the stream has heard, or will hear, as audio: it is told once. */
  claims(symbol: DtmfSymbol, onMs: number): boolean {
    const nowMs = this.#parts.clock.monotonicMs();
    const beganMs = nowMs - onMs;
    if (this.#open) return beganMs >= this.#open.sinceMs;
    const last = this.#last;
    return last !== undefined && symbol === last.held && beganMs >= last.fromMs && beganMs < last.toMs;
  }

  /** The line is released, or the program has gone. */
  close(): void {
    const open = this.#open;
    if (!open) return;
    this.#timer.stop();
    open.listening.close();
    this.#last = {
      fromMs: open.sinceMs,
      toMs: this.#parts.clock.monotonicMs(),
      held: open.digits.held,
    };
    this.#open = undefined;
  }

  /** Later ticks are reckoned from the first, so that none is lost to a late timer. */
  #awaitTick(): void {
    this.#dueMs += tickMs;
    this.#timer.start(Math.max(0, this.#dueMs - this.#parts.clock.monotonicMs()), () => this.#tick());
  }

  #tick(): void {
    const open = this.#open;
    if (!open) return;
    this.#hear(open);
    if (open.player) this.#play(open.player);
    if (this.#isFinishing && open.player?.isDone !== false) this.#end(open);
    else this.#awaitTick();
  }

  #hear(open: Open): void {
    const samples = open.listening.read();
    open.recorder?.record(samples);
    const mask = this.#parts.settings().first('+VEM');
    for (const symbol of open.digits.push(samples)) this.#report(heardDigitReport(symbol, mask));
    for (const { kind } of open.tones.push(samples)) this.tell(kind);
  }

  #report(report: Uint8Array | undefined): void {
    if (report) this.#parts.dte.send(report);
  }

  #play(player: VoicePlayer): void {
    if (player.advance() && !this.#isFinishing) this.tell('underrun');
    if (player.isHalfEmpty) this.#parts.dte.resume();
  }

  #samplesCame(octets: Uint8Array): void {
    const open = this.#open;
    if (!open?.player) return;
    const all = Buffer.concat([this.#partial, octets]);
    const whole = all.length - (all.length % open.format.octetsPerSample);
    this.#partial = all.subarray(whole);
    open.player.add(amplified(open.format.decode(all.subarray(0, whole)), open.transmitGain));
  }

  /** @returns true when the stream ends here */
  #commanded(code: string): boolean {
    const open = this.#open;
    if (!open) return true;
    if (code === can) {
      open.player?.clear();
      this.#partial = new Uint8Array();
    }
    if (code === 'p' || code === 'r') open.player?.pause(code === 'p');
    if (code === etx && open.player) {
      this.#isFinishing = true;
      open.player.pause(false);
      return true;
    }
    const isEnd = open.direction !== 'transmit' && stopCodes.includes(code);
    if (isEnd) this.#end(open);
    return isEnd;
  }

  #end(open: Open): void {
    this.#hear(open);
    if (open.recorder) this.#parts.dte.send(endOfStream);
    this.close();
    this.#parts.ended();
  }
}
