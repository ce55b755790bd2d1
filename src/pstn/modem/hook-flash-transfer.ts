import type { Clock, Timer } from '../../time/clock.js';
import { failedCall, isOkInVoice } from './call-result.js';
import type { CommandChannel, FinalCode } from './command-channel.js';
import type { TransferResult } from './modem.js';

/** What became of the call to the third party. */
type Heard = 'answered' | 'busy' | 'no-answer' | 'no-carrier' | 'given-up';

/** S7, which is how long the modem waits for the dial tone that answers the flash. */
const recallWaitSeconds = 10;
const flashMs = 5_000;
/** Ring-back comes again after 6 s; who has not heard it for so long has been answered (`+VRA=70`). */
const ringBackGoneMs = 9_000;
/** Dial tone after the flash that should have joined the lines: nobody is left to be joined. */
const joinedMs = 1_500;
const digitMs = 200;

const finals: readonly FinalCode['kind'][] = [
  ...(['ok', 'voice', 'error', 'busy', 'no-answer', 'no-carrier', 'no-dial-tone'] as const),
];

/**
 * Hands a caller over to a third party by hook-flash, in voice class (telephony text 1.4): flash, dial, wait for the answer, flash;
 * whoever called this hangs up then. Between the flashes the caller is on hold, and hears nothing.
 */
export class HookFlashTransfer {
  readonly #channel: CommandChannel;
  readonly #clock: Clock;
  #hasRung = false;
  #limit: Timer;
  #ringBackGone: Timer;
  #settle: ((heard: Heard) => void) | undefined;
  #isGivenUp = false;
  #hearsDialTone = false;

  constructor(channel: CommandChannel, clock: Clock) {
    this.#channel = channel;
    this.#clock = clock;
  }

  /** A shielded code of the modem. */
  heard(code: string): void {
    if (code === 'a' || code === 'c' || code === 'm') this.#end('answered');
    if (code === 'b') this.#end('busy');
    if (code === 'K' || code === 'J' || code === 'l') this.#end('no-carrier');
    if (code === 'd') this.#hearsDialTone = true;
    if (code === 'r') {
      this.#hasRung = true;
      this.#clock.clearTimeout(this.#ringBackGone);
      this.#ringBackGone = this.#clock.setTimeout(() => this.#end('answered'), ringBackGoneMs);
    }
  }

  /** Back to the caller, as soon as the modem takes a command. */
  giveUp(): void {
    this.#isGivenUp = true;
    this.#end('given-up');
  }

  async run(number: string, answerWaitSeconds: number): Promise<TransferResult> {
    await this.#channel.execute(`ATS7=${recallWaitSeconds}`, { timeoutMs: flashMs });
    // W and not a pause: on a line without the service the digits would be the caller's to hear.
    const command = `ATDT!W${number};`;
    const timeoutMs = flashMs + recallWaitSeconds * 1_000 + number.length * digitMs;
    const reply = await this.#channel.execute(command, { timeoutMs, finals });
    if (!isOkInVoice(reply)) {
      const failed = failedCall(reply, command);
      return {
        kind: failed.kind === 'no-dial-tone' || failed.kind === 'refused-by-modem' ? failed.kind : 'silent',
      };
    }
    const heard = await this.#outcome(answerWaitSeconds * 1_000);
    this.#hearsDialTone = false;
    const flashed = await this.#channel.execute('ATD!;', { timeoutMs: flashMs, finals });
    if (!isOkInVoice(flashed)) return { kind: 'silent' };
    if (heard !== 'answered') return { kind: heard === 'given-up' ? 'no-carrier' : heard };
    await new Promise<void>((resolve) => this.#clock.setTimeout(resolve, joinedMs));
    return { kind: this.#hearsDialTone ? 'caller-gone' : 'joined' };
  }

  async #outcome(limitMs: number): Promise<Heard> {
    if (this.#isGivenUp) return 'given-up';
    const heard = await new Promise<Heard>((resolve) => {
      this.#settle = resolve;
      this.#limit = this.#clock.setTimeout(
        () => this.#end(this.#hasRung ? 'no-answer' : 'no-carrier'),
        limitMs,
      );
    });
    this.#clock.clearTimeout(this.#limit);
    this.#clock.clearTimeout(this.#ringBackGone);
    return heard;
  }

  #end(heard: Heard): void {
    this.#settle?.(heard);
    this.#settle = undefined;
  }
}
