import type { Clock, Timer } from './clock.js';

interface Pending {
  readonly deadlineMs: number;
  /** Timers with one deadline fire in the order in which they were set. */
  readonly order: number;
  run: (() => void) | undefined;
}

/**
 * A clock that stands still until it is advanced. A binary heap on (deadline, order); while a timer runs,
 * the time is that timer's deadline, so chains of timers keep their exact times. (XState's SimulatedClock
 * sets the end time first: a 10 ms timer that sets a 10 ms timer would end at 110 after `increment(100)`.)
 */
export class SimulatedClock implements Clock {
  #nowMs = 0;
  readonly #epochUtcMs: number;
  #order = 0;
  readonly #heap: Pending[] = [];

  constructor(epochUtcMs = Date.UTC(2026, 0, 1)) {
    this.#epochUtcMs = epochUtcMs;
  }

  monotonicMs = (): number => this.#nowMs;

  utcMs = (): number => this.#epochUtcMs + Math.floor(this.#nowMs);

  setTimeout = (run: () => void, delayMs: number): Timer => {
    const pending = { deadlineMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, run };
    this.#heap.push(pending);
    this.#siftUp(this.#heap.length - 1);
    return pending;
  };

  clearTimeout = (timer: Timer): void => {
    // The emptied entry stays in the heap until its deadline: removal would cost a search.
    if (timer) (timer as Pending).run = undefined;
  };

  /** The deadline of the next live timer, or `undefined` when none is set. */
  nextDeadlineMs(): number | undefined {
    while (this.#heap[0] && !this.#heap[0].run) this.#pop();
    return this.#heap[0]?.deadlineMs;
  }

  /** Fires, in order, every timer due within the next `byMs` milliseconds; the time is then `byMs` later. */
  advance(byMs: number): void {
    const endMs = this.#nowMs + byMs;
    for (
      let next = this.nextDeadlineMs();
      next !== undefined && next <= endMs;
      next = this.nextDeadlineMs()
    ) {
      this.#nowMs = next;
      this.#pop()?.run?.();
    }
    this.#nowMs = endMs;
  }

  #pop(): Pending | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length > 0 && last) {
      heap[0] = last;
      this.#siftDown();
    }
    return first;
  }

  #siftUp(start: number): void {
    const heap = this.#heap as Pending[];
    const moving = heap[start] as Pending;
    let child = start;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      const above = heap[parent] as Pending;
      if (!isBefore(moving, above)) break;
      heap[child] = above;
      child = parent;
    }
    heap[child] = moving;
  }

  #siftDown(): void {
    const heap = this.#heap as Pending[];
    const moving = heap[0] as Pending;
    const { length } = heap;
    let parent = 0;
    for (let child = 1; child < length; child = 2 * parent + 1) {
      if (child + 1 < length && isBefore(heap[child + 1] as Pending, heap[child] as Pending)) child++;
      const below = heap[child] as Pending;
      if (!isBefore(below, moving)) break;
      heap[parent] = below;
      parent = child;
    }
    heap[parent] = moving;
  }
}

function isBefore(a: Pending, b: Pending): boolean {
  return a.deadlineMs < b.deadlineMs || (a.deadlineMs === b.deadlineMs && a.order < b.order);
}
