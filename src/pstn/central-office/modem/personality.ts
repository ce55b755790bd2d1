import type { CallerId } from '../../signals.js';
import type { Outcome } from './command-outcome.js';
import type { ExtendedCommand } from './command-parser.js';

/** What makes a modem more than an analogue one: commands of its own, and what it says unasked. */
export interface Personality {
  /** Asked first about every extended command; `undefined` leaves it to the modem's own tables. */
  execute(command: ExtendedCommand): Outcome | undefined;
  /** `I`: its name, in place of the analogue modem's. */
  readonly name: string;
  /** `Z`, `&F` */
  reset(): void;
  /** Whether the network is there to carry a call; without it `D` ends in NO CARRIER and `A` too. */
  mayCall(): boolean;
  /** Right behind a RING, with the caller as far as the exchange has told it. */
  rang(caller: CallerId | undefined): void;
}

/** The modem as its personality uses it. */
export interface PersonalityHost {
  /** Information text of the command under way. */
  inform(text: string): void;
  /** Ends the command line with a final result of its own, such as `+CMS ERROR: 322`. */
  conclude(text: string): Outcome;
  /** The command whose outcome was `later` is done; the rest of its line follows. */
  finished(): void;
  /** Says something unasked: at once in command state, after the call or the entry otherwise. */
  announce(text: string): void;
  /** Octets to the program as they are: prompts and echo of an entry. */
  send(text: string): void;
  /** `E1` */
  echoes(): boolean;
  /** A command that takes its time: what is typed waits until `finished` or `conclude`. */
  pend(): Outcome;
  /** From now on octets are no commands but go to `take`, which says how many it took, until `finished` or `conclude`. */
  enter(take: (octets: Uint8Array) => number): Outcome;
  /** `H` */
  hangUp(): Outcome;
  isOffHook(): boolean;
  /** As after a power-on: no call, no entry, settings as stored. */
  restart(): void;
}
