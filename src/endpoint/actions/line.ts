import type { Modem } from '../../pstn/modem/modem.js';
import { atMost } from '../../time/at-most.js';
import type { Clock } from '../../time/clock.js';
import type { Endpoint } from '../endpoint.js';
import { EndpointError } from '../endpoint-error.js';

/**
 * A modem that is open and on-hook, and stays open; or how to open one for this action alone, which is done when all
 * that can be wrong without it has been checked.
 */
export type ModemSource = Modem | (() => Promise<Modem>);

const firstReopenMs = 1_000;
const slowestReopenMs = 60_000;

/** The line of one action, from its beginning to its end. */
export class Line {
  readonly #source: ModemSource;
  #gone = new AbortController();
  #modem: Modem | undefined;

  constructor(source: ModemSource) {
    this.#source = source;
  }

  /** Once for each action. @throws EndpointError `line-unavailable` */
  async open(): Promise<Modem> {
    const modem = typeof this.#source === 'function' ? await this.#source() : this.#source;
    modem.on('lost', this.#lost);
    this.#modem = modem;
    return modem;
  }

  /** Whether a modem that is lost may be waited for: it is this action's to open. */
  get canReopen(): boolean {
    return typeof this.#source === 'function';
  }

  /** After the modem was lost: tries to open it, slower and slower, for as long as it takes; `undefined` when aborted. */
  async reopen(clock: Clock, signal: AbortSignal | undefined): Promise<Modem | undefined> {
    await this.release();
    this.#modem = undefined;
    this.#gone = new AbortController();
    const aborted = new Promise<void>((resolve) => {
      if (signal?.aborted) resolve();
      else signal?.addEventListener('abort', () => resolve(), { once: true });
    });
    for (let delayMs = firstReopenMs; ; delayMs = Math.min(delayMs * 2, slowestReopenMs)) {
      await atMost(clock, delayMs, aborted);
      if (signal?.aborted) return undefined;
      try {
        return await this.open();
      } catch (error) {
        if (!(error instanceof EndpointError)) throw error;
      }
    }
  }

  /** Aborted, with an `EndpointError` for its reason, when the modem is lost: at any time of the action, or since `reopen`. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  async release(): Promise<void> {
    if (typeof this.#source === 'function') await this.#modem?.close();
    else await this.#modem?.hangUp();
    this.#modem?.off('lost', this.#lost);
  }

  #lost = (cause: Error): void => {
    const message = `The modem on ${this.#modem?.url} is gone: its cable, adapter or socket was closed. Connect it again, then try again.`;
    this.#gone.abort(new EndpointError('line-unavailable', message, { cause }));
  };
}

/** Holds the endpoint's line against other actions and other programs while `work` runs; on-hook whatever happens. */
export async function withLine<T>(
  endpoint: Endpoint,
  source: ModemSource,
  work: (line: Line) => Promise<T>,
): Promise<T> {
  const giveBack = await endpoint.takeLine();
  const line = new Line(source);
  try {
    return await work(line);
  } finally {
    await line.release();
    await giveBack();
  }
}
