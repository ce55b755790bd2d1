import { Directory, type Lookup } from './directory.js';
import { type Dialled, type Home, NumberingPlan, type NumberingPlanTable } from './numbering-plan.js';

/** A central office, as numbers see it. */
export interface CentralOffice extends Home {
  readonly name: string;
}

/** Who has a number: a line, or the lines of a hunt group in the order in which they are tried. All hang on one office. */
export interface Subscriber<Line> {
  readonly number: string;
  readonly office: CentralOffice;
  readonly lines: Line[];
}

export type Destination<Line> =
  | { readonly kind: 'subscriber'; readonly subscriber: Subscriber<Line> }
  | { readonly kind: 'intercepted' }
  | { readonly kind: 'vacant' };

/** What dialled digits mean, and whose number that is. */
export class Numbering<Line> {
  readonly #directory = new Directory<Subscriber<Line>>();
  readonly #intercepted: ReadonlySet<string>;
  readonly #services: Readonly<Record<string, string>>;
  readonly #nationalDigits: number | undefined;
  readonly #hasPlan: boolean;
  readonly #plan: NumberingPlan | undefined;

  /**
   * @param table left out, the numbers of the directory are dialled as they are
   * @param serviceCodes short code to a number of the directory, as it is written there
   * @param intercepted numbers that have changed
   */
  constructor(options: {
    readonly table: NumberingPlanTable | undefined;
    readonly offices: readonly CentralOffice[];
    readonly serviceCodes: Readonly<Record<string, string>>;
    readonly intercepted: readonly string[];
  }) {
    const { table, offices } = options;
    const areaCodes = [...new Set(offices.map((office) => office.areaCode))].filter((code) => code !== '');
    this.#plan = table && new NumberingPlan(table, areaCodes);
    this.#hasPlan = table !== undefined;
    this.#nationalDigits = table?.nationalDigits;
    const [first] = offices;
    const whole = (number: string) => (first ? this.#wholeNumber(number, first) : number);
    this.#services = Object.fromEntries(
      Object.entries(options.serviceCodes).map(([code, number]) => [code, whole(number)]),
    );
    this.#intercepted = new Set(options.intercepted.map(whole));
  }

  /** Throws where it is taken. @param number as `[[office.line]]` has it */
  add(number: string, office: CentralOffice, line: Line): void {
    const whole = this.#wholeNumber(number, office);
    if (this.#directory.get(whole)) throw new Error(`Two lines have the number ${whole}; give each its own.`);
    this.#directory.add(whole, { number: whole, office, lines: [line] });
  }

  /** The line is one more of the hunt group that is called by `number`. Throws where that hangs on another office. */
  addToGroup(number: string, office: CentralOffice, line: Line): void {
    const whole = this.#wholeNumber(number, office);
    const group = this.#directory.get(whole);
    if (!group) this.#directory.add(whole, { number: whole, office, lines: [line] });
    else if (group.office !== office)
      throw new Error(
        `The hunt group ${number} has lines of "${group.office.name}" and "${office.name}"; one exchange hunts.`,
      );
    else if (!group.lines.includes(line)) group.lines.push(line);
  }

  /** Throws on what no caller would ever reach. All lines are there by then. */
  check(): void {
    for (const [code, number] of Object.entries(this.#services)) this.#checkService(code, number);
    for (const number of this.#intercepted) {
      if (this.#directory.get(number))
        throw new Error(
          `The number ${number} is among "changed_numbers", and a line has it; take it out of one of them.`,
        );
    }
  }

  #checkService(code: string, number: string): void {
    if (!this.#directory.get(number))
      throw new Error(
        `The short code ${code} leads to ${number}, and no line has that number; correct "short_codes", or add the line.`,
      );
    const found = this.#plan?.lookup(code, { countryCode: '', areaCode: '' });
    if (!found || !('destination' in found) || found.destination.kind !== 'service')
      throw new Error(
        `The short code ${code} cannot be dialled: ${this.#plan ? 'no row of the numbering plan takes it as a service' : '"short_codes" needs a "numbering_plan"'}.`,
      );
  }

  lookup(digits: string, home: Home): Lookup<Dialled> {
    if (this.#plan) return this.#plan.lookup(digits, home);
    const found = this.#directory.lookup(digits);
    if (!('destination' in found)) return found;
    return { ...found, destination: { kind: 'number', number: found.destination } };
  }

  destination(dialled: Exclude<Dialled, { kind: 'cancel-call-waiting' }>): Destination<Line> {
    const number = dialled.kind === 'service' ? this.#services[dialled.code] : dialled.number;
    const subscriber = number === undefined ? undefined : this.#directory.get(number);
    if (subscriber) return { kind: 'subscriber', subscriber };
    return { kind: number !== undefined && this.#intercepted.has(number) ? 'intercepted' : 'vacant' };
  }

  /** With country and area code, as the plan's rows make it. */
  #wholeNumber(number: string, office: CentralOffice): string {
    if (!this.#hasPlan) return number;
    if (number.length === this.#nationalDigits) return office.countryCode + number;
    return office.countryCode + office.areaCode + number;
  }
}
