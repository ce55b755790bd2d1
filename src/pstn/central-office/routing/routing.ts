import { Circuits, longestOf } from './circuits.js';
import { type RouteClass, TrunkGroup, type TrunkGroupOptions } from './trunk-group.js';

/** One `[[office.route]]`: the trunk groups that a central office tries, in this order, for calls to another. */
export interface RouteOptions {
  readonly from: string;
  readonly to: string;
  readonly trunkGroups: readonly string[];
}

/** No free circuit at one of the central offices on the way. */
export interface Congestion {
  /** The group that was tried last; `undefined` where no group leads there at all. */
  readonly lastTried: TrunkGroup | undefined;
  /** The longest of the way so far and of what was tried. */
  readonly routeClass: RouteClass;
}

/**
 * Which trunk groups lead from one central office to another. Each office on the way has a list of its own and takes
 * the first group with a free circuit: the direct group, then the one to a tandem. A call that is blocked beyond a tandem
 * is not taken back to try another way, as in networks without crankback.
 */
export class Routing {
  readonly #groups = new Map<string, TrunkGroup>();
  readonly #offices: ReadonlySet<string>;
  /** By `from` and `to`; what `[[office.route]]` does not say is filled in when it is first asked for. */
  readonly #choices = new Map<string, readonly TrunkGroup[]>();

  /** Throws on names that are given twice or are nobody's. */
  constructor(
    offices: readonly string[],
    groups: readonly TrunkGroupOptions[],
    routes: readonly RouteOptions[],
  ) {
    this.#offices = new Set(offices);
    for (const options of groups) this.#addGroup(options);
    for (const route of routes) this.#addRoute(route);
  }

  get groups(): readonly TrunkGroup[] {
    return [...this.#groups.values()];
  }

  group(name: string): TrunkGroup {
    const group = this.#groups.get(name);
    if (!group) throw new Error(`No trunk group is named "${name}".`);
    return group;
  }

  /** Seizes a circuit for each hop, or none. */
  seize(from: string, to: string): Circuits | Congestion {
    const taken: TrunkGroup[] = [];
    const passed = new Set<string>();
    for (let at = from; at !== to; ) {
      passed.add(at);
      const choices = this.#choicesFor(at, to).filter((group) => !passed.has(group.farEnd(at)));
      const next = choices.find((group) => group.seize());
      if (!next) {
        for (const group of taken) group.release();
        return { lastTried: choices.at(-1), routeClass: longestOf([...taken, ...choices]) };
      }
      taken.push(next);
      at = next.farEnd(at);
    }
    return new Circuits(taken);
  }

  #addGroup(options: TrunkGroupOptions): void {
    const { name, between } = options;
    if (this.#groups.has(name))
      throw new Error(`Two trunk groups are named "${name}"; give each its own name.`);
    for (const end of between) this.#mustBeOffice(end, `Trunk group "${name}"`);
    if (between[0] === between[1])
      throw new Error(
        `Trunk group "${name}" has the exchange "${between[0]}" at both ends; "between" takes two of them.`,
      );
    this.#groups.set(name, new TrunkGroup(options));
  }

  #addRoute({ from, to, trunkGroups }: RouteOptions): void {
    const route = `The route from "${from}" to "${to}"`;
    for (const office of [from, to]) this.#mustBeOffice(office, route);
    if (from === to) throw new Error(`${route} leads nowhere: a call within an exchange takes no trunk.`);
    if (this.#choices.has(keyOf(from, to)))
      throw new Error(`${route} is there twice; write one with all its "trunk_groups", the preferred first.`);
    const groups = trunkGroups.map((name) => this.#groupOfRoute(name, from, route));
    this.#choices.set(keyOf(from, to), groups);
  }

  #groupOfRoute(name: string, from: string, route: string): TrunkGroup {
    const group = this.#groups.get(name);
    if (!group)
      throw new Error(
        `${route} names the trunk group "${name}", but there is no such group; correct its "trunk_groups", or add a [[office.trunk_group]].`,
      );
    if (!group.ends.includes(from))
      throw new Error(
        `${route} names the trunk group "${name}", which does not end at "${from}"; name those that do.`,
      );
    return group;
  }

  #mustBeOffice(name: string, whose: string): void {
    if (!this.#offices.has(name))
      throw new Error(
        `${whose} names the exchange "${name}", but there is no such exchange; correct it, or add an [[office.exchange]].`,
      );
  }

  #choicesFor(from: string, to: string): readonly TrunkGroup[] {
    const key = keyOf(from, to);
    const known = this.#choices.get(key);
    if (known) return known;
    const choices = this.#nearestFirst(from, to);
    this.#choices.set(key, choices);
    return choices;
  }

  /** Without a route of its own: the groups whose far end is nearest to `to`, in the order of the file where equal. */
  #nearestFirst(from: string, to: string): readonly TrunkGroup[] {
    const hops = this.#hopsTo(to);
    const hopsBy = (group: TrunkGroup) => hops.get(group.farEnd(from)) ?? Infinity;
    return this.groups
      .filter((group) => group.ends.includes(from) && hopsBy(group) < Infinity)
      .sort((a, b) => hopsBy(a) - hopsBy(b));
  }

  #hopsTo(to: string): ReadonlyMap<string, number> {
    const hops = new Map([[to, 0]]);
    // A map is iterated in the order of insertion, what is added meanwhile included: breadth first.
    for (const [office, distance] of hops) {
      for (const group of this.#groups.values()) {
        const next = group.ends.includes(office) ? group.farEnd(office) : undefined;
        if (next !== undefined && !hops.has(next)) hops.set(next, distance + 1);
      }
    }
    return hops;
  }
}

function keyOf(from: string, to: string): string {
  return JSON.stringify([from, to]);
}
