import type { Log } from '../../../log/log.js';
import type { DteSide } from './dte-side.js';
import type { ResultCode } from './result-codes.js';
import type { Settings } from './settings.js';

/** What octets from the program mean. The README draws these. */
export type Mode =
  | 'command'
  /** A command takes its time; what is typed waits in the port. */
  | 'executing'
  /** The body of a message is typed; its end is the personality's matter. */
  | 'entering'
  /** Dialling, answering, training anew: any octet abandons the call. */
  | 'calling'
  | 'data'
  /** Samples, shielded. */
  | 'stream'
  /** DTR has dropped with octets unsent: those still go out. */
  | 'releasing';

/** What the parts of one modem share: its mode and settings, and how a command line or a call ends in a result code. */
export class ModemState {
  readonly dte: DteSide;
  readonly #log: Log;
  readonly #lineNumber: string;
  readonly #backInCommands: () => void;
  /** What is to be said when the program can read it as such. */
  readonly #announcements: string[] = [];
  settings: Settings;
  mode: Mode = 'command';
  isDtrOn = false;
  /** The present call came in (Q2). */
  wasCalled = false;

  /** @param parts.backInCommands called at each return to the command mode, behind the result code */
  constructor(parts: {
    readonly settings: Settings;
    readonly dte: DteSide;
    readonly log: Log;
    readonly lineNumber: string;
    backInCommands(): void;
  }) {
    this.settings = parts.settings;
    this.dte = parts.dte;
    this.#log = parts.log;
    this.#lineNumber = parts.lineNumber;
    this.#backInCommands = parts.backInCommands;
  }

  /** A command line, or a call, has ended in this. */
  ended(result: ResultCode): void {
    this.backToCommands(() => this.result(result));
  }

  backToCommands(sayResult: () => void): void {
    this.mode = 'command';
    sayResult();
    this.#backInCommands();
    for (const text of this.#announcements.splice(0)) this.dte.inform(text);
    this.dte.resume();
  }

  result(result: ResultCode): void {
    const name = typeof result === 'string' ? result : `${result.connect} ${result.terms.rate}`;
    this.#log.debug({ line: this.#lineNumber, result: name }, 'modem result code');
    const isOfCall = typeof result === 'object' || result === 'RING' || result === 'NO CARRIER';
    if (isOfCall && (this.wasCalled || result === 'RING') && this.settings.quietWhenCalled) {
      this.dte.showCircuits();
    } else this.dte.result(result);
  }

  /** At once in command mode, after the call or the entry otherwise. */
  announce(text: string): void {
    if (this.mode === 'command' || this.mode === 'executing') this.dte.inform(text);
    else this.#announcements.push(text);
  }

  forgetAnnouncements(): void {
    this.#announcements.length = 0;
  }
}
