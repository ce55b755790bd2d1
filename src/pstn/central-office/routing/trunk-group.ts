/** From the shortest to the longest; the longest on a call's way decides how long its set-up takes. */
export const routeClasses = ['local', 'long-distance', 'international'] as const;
export type RouteClass = (typeof routeClasses)[number];

/** One `[[office.trunk_group]]`: circuits between two central offices, each of which may seize any of them. */
export interface TrunkGroupOptions {
  readonly name: string;
  /** Names of the two central offices. */
  readonly between: readonly [string, string];
  readonly circuits: number;
  readonly routeClass: RouteClass;
}

/**
 * Circuits that bear one call each. A call finds one free or goes elsewhere: there is no queue, as Erlang B assumes. Counts
 * what traffic engineers read off such a group; seizing and releasing cost a comparison and an addition.
 */
export class TrunkGroup {
  readonly name: string;
  readonly ends: readonly [string, string];
  readonly size: number;
  readonly routeClass: RouteClass;
  #busy = 0;
  #mostBusy = 0;
  #seizures = 0;
  #overflows = 0;

  constructor({ name, between, circuits, routeClass }: TrunkGroupOptions) {
    this.name = name;
    this.ends = between;
    this.size = circuits;
    this.routeClass = routeClass;
  }

  /** Circuits in use now. */
  get busy(): number {
    return this.#busy;
  }

  get mostBusy(): number {
    return this.#mostBusy;
  }

  /** Calls that found a free circuit. */
  get seizures(): number {
    return this.#seizures;
  }

  /** Calls that found none; offered calls are seizures and overflows together. */
  get overflows(): number {
    return this.#overflows;
  }

  /** Takes a circuit where one is free; the caller of this gives it back by `release`, once. */
  seize(): boolean {
    if (this.#busy >= this.size) {
      this.#overflows++;
      return false;
    }
    this.#seizures++;
    this.#busy++;
    if (this.#busy > this.#mostBusy) this.#mostBusy = this.#busy;
    return true;
  }

  release(): void {
    if (this.#busy === 0) throw new Error(`trunk group ${this.name}: a circuit was released twice`);
    this.#busy--;
  }

  /** The central office at the other end. */
  farEnd(office: string): string {
    return this.ends[0] === office ? this.ends[1] : this.ends[0];
  }
}
