import type { Clock } from '../../time/clock.js';
import { CallHandling } from './call-handling.js';
import { DeferredCalls } from './deferred-calls.js';
import type { Observer } from './events.js';
import type { LineSettings } from './line-settings.js';
import type { Plant } from './plant.js';
import { namedStream, uniformStream } from './random-stream.js';
import { type CentralOffice, Numbering } from './routing/numbering.js';
import type { NumberingPlanTable } from './routing/numbering-plan.js';
import { type RouteOptions, Routing } from './routing/routing.js';
import type { TrunkGroup, TrunkGroupOptions } from './routing/trunk-group.js';
import { SubscriberLine } from './subscriber-line.js';
import { defaultTimings, scaledTimings, type Timings } from './timings.js';

export interface NetworkLine extends LineSettings {
  /** The lines with one `hunt` number form a hunt group, which is called by that number, in their order. */
  readonly hunt?: string;
  /** The central office that it hangs on, by name; the first one when left out. */
  readonly exchange?: string;
}

export interface NetworkOptions {
  readonly lines: readonly NetworkLine[];
  readonly timeScale: number;
  readonly seed: number;
  readonly timings?: Partial<Timings>;
  /** Left out, one central office has all lines. */
  readonly exchanges?: readonly CentralOffice[];
  readonly trunkGroups?: readonly TrunkGroupOptions[];
  /** Left out, nearest first: the direct group, then by way of other offices. */
  readonly routes?: readonly RouteOptions[];
  /** Left out, a number is complete when no longer one begins with it. */
  readonly numberingPlan?: NumberingPlanTable;
  /** Short code to the number that answers it. */
  readonly serviceCodes?: Readonly<Record<string, string>>;
  /** Numbers that have changed: their callers hear so. */
  readonly intercepted?: readonly string[];
}

const onlyOffice: CentralOffice = { name: 'office', countryCode: '', areaCode: '' };

/** The telephone network: central offices, the trunk groups between them, and the lines. The README has the picture. */
export class Network {
  readonly #plant: Plant;
  readonly #lines = new Map<string, SubscriberLine>();
  readonly #offices: ReadonlyMap<string, CentralOffice>;
  readonly #officeOf = new Map<SubscriberLine, CentralOffice>();
  readonly #numbering: Numbering<SubscriberLine>;
  readonly #routing: Routing;
  readonly #calls: CallHandling;

  /**
   * Throws on a number that is not digits only or given twice, and on names that are nobody's.
   * @param world.observe is told whatever happens in the network, from within
   */
  constructor(options: NetworkOptions, world: { readonly clock: Clock; readonly observe?: Observer }) {
    const { exchanges = [onlyOffice] } = options;
    this.#plant = {
      clock: world.clock,
      report: world.observe ?? (() => {}),
      timings: scaledTimings({ ...defaultTimings, ...options.timings }, options.timeScale),
      chance: uniformStream(options.seed),
      chanceOf: (line) => namedStream(options.seed, line),
      calls: new DeferredCalls(world.clock),
    };
    this.#offices = byName(exchanges);
    this.#numbering = new Numbering({
      table: options.numberingPlan,
      offices: exchanges,
      serviceCodes: options.serviceCodes ?? {},
      intercepted: options.intercepted ?? [],
    });
    this.#routing = new Routing(
      exchanges.map(({ name }) => name),
      options.trunkGroups ?? [],
      options.routes ?? [],
    );
    this.#calls = new CallHandling(this.#plant, {
      numbering: this.#numbering,
      routing: this.#routing,
      officeOf: (line) => this.#officeOf.get(line) ?? onlyOffice,
    });
    for (const settings of options.lines) this.#addLine(settings);
    for (const { number, hunt } of options.lines) if (hunt !== undefined) this.#addToGroup(hunt, number);
    this.#numbering.check();
  }

  line(number: string): SubscriberLine {
    const line = this.#lines.get(number);
    if (!line) throw new Error(`No line of the simulated network has the number ${number}.`);
    return line;
  }

  trunkGroup(name: string): TrunkGroup {
    return this.#routing.group(name);
  }

  get trunkGroups(): readonly TrunkGroup[] {
    return this.#routing.groups;
  }

  #addLine(settings: NetworkLine): void {
    const { number, exchange } = settings;
    if (!/^\d+$/.test(number)) throw new Error(`A directory number is digits only; "${number}" is not.`);
    const office = exchange === undefined ? this.#firstOffice() : this.#offices.get(exchange);
    if (!office)
      throw new Error(
        `Line ${number} names the exchange "${exchange}", but there is no such exchange; correct it, or add an [[office.exchange]].`,
      );
    const line = new SubscriberLine(settings, this.#plant, this.#calls);
    this.#lines.set(number, line);
    this.#officeOf.set(line, office);
    this.#numbering.add(number, office, line);
    const { isDead = false, isStuckOffHook = false } = line.impairments;
    if (isDead) line.cut(true);
    if (isStuckOffHook) line.stickOffHook(true);
  }

  #addToGroup(hunt: string, number: string): void {
    const line = this.line(number);
    this.#numbering.addToGroup(hunt, this.#officeOf.get(line) ?? onlyOffice, line);
  }

  #firstOffice(): CentralOffice {
    const [first = onlyOffice] = this.#offices.values();
    return first;
  }
}

function byName(exchanges: readonly CentralOffice[]): ReadonlyMap<string, CentralOffice> {
  const offices = new Map(exchanges.map((office) => [office.name, office]));
  if (offices.size < exchanges.length) throw new Error('Two exchanges have one name; give each its own.');
  return offices;
}
