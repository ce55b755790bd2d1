import type { Clock } from '../../../time/clock.js';
import type { CallerId } from '../../signals.js';
import type { Outcome } from '../modem/command-outcome.js';
import type { ExtendedCommand } from '../modem/command-parser.js';
import type { Personality, PersonalityHost } from '../modem/personality.js';
import { quoted } from './arguments.js';
import { type Answer, type Cell, CellularSettings, inform } from './cell.js';
import { cms, errorText } from './errors.js';
import { Indications } from './indications.js';
import type { Recipient, ToMobile } from './mailbox.js';
import type { MessageCentre } from './message-centre.js';
import { messageCommands } from './message-commands.js';
import { isNumberName, testText } from './number-parameters.js';
import { Radio } from './radio.js';
import { sendCommands } from './send-commands.js';
import { SimCard } from './sim-card.js';
import { modelName, registrationText, statusCommands } from './status-commands.js';

const commands = { ...statusCommands, ...messageCommands, ...sendCommands };

/** Later than between two bursts, the telephone no longer rings. */
const ringingMs = 8000;

/** What makes a modem of the simulated office a cellular one: 27.007, 27.005, a SIM, and messages to and from it. */
export class GsmModem implements Personality, Recipient {
  readonly name = modelName;
  readonly sim: SimCard;
  readonly radio: Radio;
  readonly #host: PersonalityHost;
  readonly #clock: Clock;
  readonly #centre: MessageCentre;
  readonly #cell: Cell;
  readonly #indications: Indications;
  #settings = new CellularSettings();
  #runs = 0;
  #rangMs = Number.NEGATIVE_INFINITY;

  /** @param parts.number digits with country code; @param parts.pin of the SIM, none when left out */
  constructor(parts: {
    readonly number: string;
    readonly pin: string | undefined;
    readonly clock: Clock;
    readonly timeScale: number;
    readonly centre: MessageCentre;
    readonly host: PersonalityHost;
  }) {
    const { number, pin, clock, timeScale, centre, host } = parts;
    this.#host = host;
    this.#clock = clock;
    this.#centre = centre;
    this.sim = new SimCard(number, pin);
    this.radio = new Radio({
      clock,
      timeScale,
      isSimOpen: this.sim.state === 'READY',
      changed: () => this.#registrationChanged(),
    });
    this.#cell = this.#cellOf(number);
    this.#indications = new Indications(this.#cell, clock);
    centre.add(number, this);
  }

  // ---- Personality ----

  execute(command: ExtendedCommand): Outcome | undefined {
    const answer = this.#answer(command);
    if (typeof answer !== 'object') return answer;
    const verbosity = this.#settings.numbers.first('+CMEE');
    return this.#host.conclude(errorText(answer, verbosity));
  }

  reset(): void {
    this.#settings = new CellularSettings();
  }

  mayCall(): boolean {
    return this.radio.isRegistered;
  }

  rang(caller: CallerId | undefined): void {
    this.#rangMs = this.#clock.monotonicMs();
    if (!caller || this.#settings.numbers.first('+CLIP') === 0) return;
    const isShown = caller.kind === 'number';
    const number = isShown ? `${quoted(caller.number)},129` : '"",128';
    this.#host.announce(`+CLIP: ${number},,,,${isShown ? 0 : caller.kind === 'withheld' ? 1 : 2}`);
  }

  // ---- Recipient ----

  isReachable(): boolean {
    return this.radio.isRegistered;
  }

  deliver(tpdu: ToMobile, done: (result: 'taken' | 'memory-full' | 'failed') => void): void {
    this.#indications.deliver(tpdu, done);
  }

  // ---- what a test does to it ----

  /** Power off and on: settings, calls, entries and what waits for an answer are forgotten; the SIM is not. */
  restart(): void {
    this.#runs += 1;
    this.#settings = new CellularSettings();
    this.#indications.restarted();
    this.sim.powerUp();
    this.radio.setSimOpen(this.sim.state === 'READY');
    this.#host.restart();
  }

  close(): void {
    this.radio.stop();
    this.#indications.forget();
  }

  #cellOf(number: string): Cell {
    return {
      number,
      clock: this.#clock,
      host: this.#host,
      radio: this.radio,
      sim: this.sim,
      centre: this.#centre,
      clockOffsetMs: 0,
      settings: () => this.#settings,
      restart: () => this.restart(),
      isRinging: () => this.#clock.monotonicMs() - this.#rangMs < ringingMs && !this.#host.isOffHook(),
      acknowledge: (isPositive) => this.#indications.acknowledge(isPositive),
      run: () => {
        const run = this.#runs;
        return () => run === this.#runs;
      },
    };
  }

  #answer(command: ExtendedCommand): Answer | undefined {
    const handler = Object.hasOwn(commands, command.name) ? commands[command.name] : undefined;
    if (handler) return handler(this.#cell, command);
    return isNumberName(command.name) ? this.#number(command.name, command) : undefined;
  }

  #number(name: Parameters<typeof testText>[0], { form, text }: ExtendedCommand): Answer {
    const { numbers } = this.#settings;
    if (form === 'test') return inform(this.#cell, testText(name));
    if (form === 'read') {
      const state = name === '+CREG' || name === '+CGREG' ? `,${registrationText(name, this.#cell)}` : '';
      return inform(this.#cell, `${name}: ${numbers.get(name).join(',')}${state}`);
    }
    const values = form === 'set' ? numbers.parse(name, text) : undefined;
    if (!values) return name === '+CNMI' || name === '+CMGF' ? { cms: cms.notAllowed } : 'error';
    numbers.set(name, values);
    return 'ok';
  }

  #registrationChanged(): void {
    for (const name of ['+CREG', '+CGREG'] as const) {
      if (this.#settings.numbers.first(name) === 0) continue;
      this.#host.announce(`${name}: ${registrationText(name, this.#cell)}`);
    }
    if (this.radio.isRegistered) this.#centre.alert(this.#cell.number);
  }
}
