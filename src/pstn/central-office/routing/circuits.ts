import { type RouteClass, routeClasses, type TrunkGroup } from './trunk-group.js';

/** The circuits that one call holds from its set-up to its release: none within one central office, two through a tandem. */
export class Circuits {
  #groups: readonly TrunkGroup[];

  /** @param groups each with one circuit seized */
  constructor(groups: readonly TrunkGroup[]) {
    this.#groups = groups;
  }

  get names(): readonly string[] {
    return this.#groups.map((group) => group.name);
  }

  get routeClass(): RouteClass {
    return longestOf(this.#groups);
  }

  /** Of two calls that have become one. */
  absorb(other: Circuits): void {
    this.#groups = [...this.#groups, ...other.#groups];
    other.#groups = [];
  }

  /** What was released already stays so. */
  release(): void {
    for (const group of this.#groups) group.release();
    this.#groups = [];
  }
}

export function longestOf(groups: readonly TrunkGroup[]): RouteClass {
  const ranks = groups.map((group) => routeClasses.indexOf(group.routeClass));
  return routeClasses[Math.max(0, ...ranks)] ?? 'local';
}
