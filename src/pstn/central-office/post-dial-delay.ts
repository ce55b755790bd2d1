import type { Timer } from '../../time/clock.js';
import type { Plant } from './plant.js';
import type { Circuits } from './routing/circuits.js';
import type { RouteClass } from './routing/trunk-group.js';
import type { LineUse, SubscriberLine } from './subscriber-line.js';

/** The time in which the exchanges set up the call; its circuits are seized already. */
export class PostDialDelay implements LineUse {
  readonly #plant: Plant;
  readonly #circuits: Circuits;
  #timer: Timer;

  constructor(plant: Plant, circuits: Circuits) {
    this.#plant = plant;
    this.#circuits = circuits;
  }

  start(line: SubscriberLine, then: () => void): void {
    line.engage(this);
    this.#timer = this.#plant.clock.setTimeout(then, this.#lengthMs(this.#circuits.routeClass));
  }

  released(): void {
    this.#plant.clock.clearTimeout(this.#timer);
    this.#circuits.release();
  }

  #lengthMs(routeClass: RouteClass): number {
    const { timings } = this.#plant;
    if (routeClass === 'international') return timings.internationalPostDialDelayMs;
    return routeClass === 'long-distance' ? timings.longDistancePostDialDelayMs : timings.postDialDelayMs;
  }
}
