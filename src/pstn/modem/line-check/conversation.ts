import { silentLog } from '../../../log/log.js';
import type { Clock } from '../../../time/clock.js';
import { CommandChannel, type FinalCode, finalsInCommands } from '../command-channel.js';
import type { HangUpTools } from '../hang-up.js';
import type { LineTiming } from '../open-line.js';
import type { SerialLine } from '../serial-line.js';

/** How a question ended: with OK, with another code, or with none. */
export interface Answer {
  readonly kind: FinalCode['kind'] | 'silent';
  readonly lines: readonly string[];
}

const answerMs = 2_000;
/** More than a modem says to one question; what a stream of something else says is not kept. */
const mostLines = 64;
const mostHeard = 4_096;

/** Questions to a modem, one at a time, and a record of all that came. */
export class Conversation {
  readonly tools: HangUpTools;
  readonly sent: string[] = [];
  #heard: Buffer = Buffer.alloc(0);
  #heardOctets = 0;
  #isLost = false;

  constructor(line: SerialLine, timing: LineTiming, clock: Clock) {
    const channel = new CommandChannel(line, clock, timing, silentLog, {
      ring: () => {},
      ringBack: () => {},
      text: () => false,
      shielded: () => {},
      hungUp: () => {},
      reopened: () => {},
      lost: () => {
        this.#isLost = true;
      },
      heard: (octets) => {
        this.#heardOctets += octets.length;
        this.#heard = Buffer.concat([this.#heard, octets]).subarray(-mostHeard);
      },
    });
    const carrierDetect = () => line.carrierDetect();
    this.tools = { channel, line, clock, timing, carrierDetect };
  }

  /** The last of all that came, and how much it was. */
  get heard(): { readonly octets: Buffer; readonly count: number } {
    return { octets: this.#heard, count: this.#heardOctets };
  }

  /** The port is gone in the middle. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** @param command with its `AT` */
  async ask(command: string, timeoutMs = answerMs): Promise<Answer> {
    this.sent.push(command);
    const lines: string[] = [];
    const information = (line: string) => {
      if (lines.length < mostLines) lines.push(line);
    };
    const reply = await this.tools.channel.execute(command, {
      timeoutMs,
      finals: finalsInCommands,
      information,
    });
    return { kind: reply.kind === 'result' ? reply.code.kind : 'silent', lines };
  }

  /** The lines of an answer that ended with OK; none when it was refused. */
  async tells(command: string): Promise<readonly string[]> {
    const { kind, lines } = await this.ask(command);
    return kind === 'ok' ? lines : [];
  }

  async takes(command: string): Promise<boolean> {
    return (await this.ask(command)).kind === 'ok';
  }
}
