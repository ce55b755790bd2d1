import type { Log } from '../../log/log.js';
import { wait } from '../../time/clock.js';
import type { DtmfSymbol, ToneHz } from '../signals.js';
import { isOkInVoice } from './call-result.js';
import type { FinalCode } from './command-channel.js';
import type { HangUpTools } from './hang-up.js';
import { HookFlashTransfer } from './hook-flash-transfer.js';
import type { TransferResult } from './modem.js';
import { VoiceEvents } from './voice-events.js';
import { playRecording } from './voice-playback.js';

export interface VoiceCallEvents {
  digit(symbol: DtmfSymbol): void;
  /** Once. */
  farEndGone(): void;
}

export const voiceMs = 5_000;
export const voiceFinals: readonly FinalCode['kind'][] = ['ok', 'voice', 'error', 'no-carrier'];
const longestToneMs = 2_550;

/** A call in voice mode: tones and recordings toward the far end, its keys, and the handing over of it to somebody else. */
export class VoiceCall {
  readonly #url: string;
  readonly #tools: HangUpTools;
  readonly #log: Log;
  readonly #told: VoiceCallEvents;
  readonly #events = new VoiceEvents();
  #transfer: HookFlashTransfer | undefined;
  #isFarEndGone = false;

  constructor(parts: {
    readonly url: string;
    readonly tools: HangUpTools;
    readonly log: Log;
    readonly events: VoiceCallEvents;
  }) {
    this.#url = parts.url;
    this.#tools = parts.tools;
    this.#log = parts.log;
    this.#told = parts.events;
  }

  /** A shielded code of the modem. */
  heard(code: string): void {
    // What is heard during a transfer is the third party's, not the caller's.
    if (this.#transfer) {
      this.#transfer.heard(code);
      return;
    }
    const event = this.#events.read(code);
    if (event?.kind === 'digit') this.#told.digit(event.symbol);
    if (event?.kind === 'far-end-gone') this.farEndGone();
  }

  farEndGone(): void {
    if (this.#isFarEndGone) return;
    this.#isFarEndGone = true;
    this.#told.farEndGone();
  }

  async playTone(command: string, lengthMs: number, isOvertaken: () => boolean): Promise<void> {
    const { channel, clock } = this.#tools;
    const startMs = clock.monotonicMs();
    const reply = await channel.execute(command, { timeoutMs: lengthMs + voiceMs, finals: voiceFinals });
    if (!isOkInVoice(reply)) {
      this.#log.warn({ line: this.#url, command, reply: reply.kind }, 'the modem did not play the tone');
    }
    // Some modems say OK when they have begun.
    const leftMs = startMs + lengthMs - clock.monotonicMs();
    if (leftMs > 0 && !isOvertaken()) await wait(clock, leftMs);
  }

  async play(samples: Int16Array, isOvertaken: () => boolean): Promise<void> {
    const outcome = await playRecording(this.#tools, samples, isOvertaken);
    if (outcome !== 'played') this.#log.warn({ line: this.#url, outcome }, 'a recording was not played');
  }

  async transfer(number: string, answerWaitSeconds: number): Promise<TransferResult> {
    const transfer = new HookFlashTransfer(this.#tools.channel, this.#tools.clock);
    this.#transfer = transfer;
    const result = await transfer.run(number, answerWaitSeconds);
    this.#transfer = undefined;
    return result;
  }

  /** A hang-up comes before the end of a transfer. */
  giveUp(): void {
    this.#transfer?.giveUp();
  }
}

/** @throws RangeError on what `+VTS` cannot play */
export function toneCommand(tone: ToneHz, lengthMs: number): string {
  if (tone.length > 2 || !(lengthMs > 0 && lengthMs <= longestToneMs)) {
    throw new RangeError(`+VTS plays at most two frequencies and ${longestToneMs} ms`);
  }
  const [first = 0, second = 0] = tone;
  return `AT+VTS=[${first},${second},${Math.ceil(lengthMs / 10)}]`;
}
