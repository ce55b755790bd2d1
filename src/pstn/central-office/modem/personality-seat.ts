import type { CallerId } from '../../signals.js';
import type { Outcome } from './command-outcome.js';
import type { CommandRunner } from './command-runner.js';
import type { ModemState } from './modem-state.js';
import type { Personality, PersonalityHost } from './personality.js';

interface SeatParts {
  readonly state: ModemState;
  readonly runner: CommandRunner;
  hangUp(): Outcome;
  isOffHook(): boolean;
  restart(): void;
}

/** Where a personality sits in the modem, if there is one: commands that take their time, and entries. */
export class PersonalitySeat {
  readonly #parts: SeatParts;
  readonly personality: Personality | undefined;
  #takeEntry: ((octets: Uint8Array) => number) | undefined;

  constructor(parts: SeatParts, make: ((host: PersonalityHost) => Personality) | undefined) {
    this.#parts = parts;
    this.personality = make?.(this.#host());
  }

  /** Octets of an entry; returns how many it took. */
  take(octets: Uint8Array): number {
    return this.#takeEntry?.(octets) ?? 0;
  }

  endEntry(): void {
    this.#takeEntry = undefined;
  }

  /** A program that has left will not finish what it was typing. */
  abandonEntry(): void {
    const { runner, state } = this.#parts;
    runner.abort();
    state.backToCommands(() => {});
  }

  rang(caller: CallerId | undefined): void {
    this.personality?.rang(caller);
  }

  reset(): void {
    this.personality?.reset();
  }

  /** True where there is a network to carry a call; otherwise the command has its result. */
  mayCall(): boolean {
    const mayCall = this.personality?.mayCall() ?? true;
    if (!mayCall) this.#parts.state.ended('NO CARRIER');
    return mayCall;
  }

  #host(): PersonalityHost {
    const { state, runner, hangUp, isOffHook, restart } = this.#parts;
    return {
      inform: (text) => state.dte.inform(text),
      conclude: (text) => {
        runner.abort();
        state.backToCommands(() => state.dte.inform(text));
        return 'reported';
      },
      finished: () => {
        state.mode = 'executing';
        runner.finished();
      },
      announce: (text) => state.announce(text),
      send: (text) => state.dte.send(Buffer.from(text, 'latin1')),
      echoes: () => state.settings.echo,
      pend: () => {
        state.mode = 'executing';
        return 'later';
      },
      enter: (take) => {
        state.mode = 'entering';
        this.#takeEntry = take;
        return 'later';
      },
      hangUp,
      isOffHook,
      restart,
    };
  }
}
