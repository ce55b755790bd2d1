import type { Database } from './database.js';
import { StoreUnavailable } from './store.js';

/** More in one statement is no faster, and those that wait for it would wait longer. */
const mostInOne = 500;

class Waiting<Item, Answer> {
  readonly item: Item;
  readonly answer: Promise<Answer>;
  isGivenUp = false;
  resolve: (answer: Answer) => void = () => {};
  reject: (error: unknown) => void = () => {};

  constructor(item: Item) {
    this.item = item;
    this.answer = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

/**
 * The writes of many calls in few statements: what comes while one is under way goes together in the next one, so that a statement is
 * larger the busier the database is, and a single write waits for nobody. Each caller learns what became of its own.
 */
export class CallBatch<Item extends { readonly trackingId: string }, Answer> {
  readonly #database: Database;
  readonly #lane: Lane;
  readonly #write: (items: readonly Item[]) => Promise<readonly Answer[]>;
  #waiting: Waiting<Item, Answer>[] = [];

  /**
   * @param lane batches of one lane take turns: statements that change the same rows at once, in another order, would deadlock
   * @param write answers in the order of the items, of which no two are of one call
   */
  constructor(database: Database, lane: Lane, write: (items: readonly Item[]) => Promise<readonly Answer[]>) {
    this.#database = database;
    this.#lane = lane;
    this.#write = write;
    lane.add(this);
  }

  /** @throws StoreUnavailable, or what `write` throws at this item alone */
  add(item: Item): Promise<Answer> {
    const waiting = new Waiting<Item, Answer>(item);
    this.#waiting.push(waiting);
    const patient = this.#database.within(waiting.answer, () => {
      waiting.isGivenUp = true;
    });
    this.#lane.run();
    return patient;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** One statement, and its answers. Never rejects. */
  async writeNext(): Promise<void> {
    await this.#writeAll(this.#takeGroup());
  }

  /** A call that is there already waits for the statement after: what it says depends on what became of the first. */
  #takeGroup(): Waiting<Item, Answer>[] {
    const group = new Map<string, Waiting<Item, Answer>>();
    const left: Waiting<Item, Answer>[] = [];
    for (const waiting of this.#waiting) {
      if (waiting.isGivenUp) continue;
      const { trackingId } = waiting.item;
      if (group.size < mostInOne && !group.has(trackingId)) group.set(trackingId, waiting);
      else left.push(waiting);
    }
    this.#waiting = left;
    return [...group.values()];
  }

  /** What the database refuses is looked for by halves: it must not fail the others. */
  async #writeAll(group: readonly Waiting<Item, Answer>[]): Promise<void> {
    if (group.length === 0) return;
    try {
      const answers = await this.#write(group.map(({ item }) => item));
      for (const [index, { resolve }] of group.entries()) resolve(answers[index] as Answer);
    } catch (error) {
      if (error instanceof StoreUnavailable || group.length === 1) {
        for (const { reject } of group) reject(error);
        return;
      }
      const half = Math.ceil(group.length / 2);
      await this.#writeAll(group.slice(0, half));
      await this.#writeAll(group.slice(half));
    }
  }
}

/** One statement at a time, of each batch in turn. */
export class Lane {
  readonly #batches: Pick<CallBatch<never, never>, 'isEmpty' | 'writeNext'>[] = [];
  #isRunning = false;

  add(batch: Pick<CallBatch<never, never>, 'isEmpty' | 'writeNext'>): void {
    this.#batches.push(batch);
  }

  run(): void {
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#batches.some(({ isEmpty }) => !isEmpty)) {
      for (const batch of this.#batches) if (!batch.isEmpty) await batch.writeNext();
    }
    this.#isRunning = false;
  }
}
