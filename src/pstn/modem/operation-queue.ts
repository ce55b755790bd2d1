/** What a driver does with its modem: one operation at a time, in order. */
export class OperationQueue {
  #last: Promise<unknown> = Promise.resolve();
  #generation = 0;

  enqueue<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(run);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Operations that were enqueued before need not be done any more. */
  overtake(): void {
    this.#generation++;
  }

  /** @returns whether there was an `overtake` since this call */
  mark(): () => boolean {
    const generation = this.#generation;
    return () => generation !== this.#generation;
  }
}
