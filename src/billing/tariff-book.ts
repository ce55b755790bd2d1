import type { Tariffs, TariffVersion } from '../store/tariffs.js';
import { LocalMonths } from './local-months.js';
import { CallRater } from './rate-call.js';
import type { Tariff } from './tariff.js';
import { parseTariffFile } from './tariff-file.js';

/** A version of a tariff, ready to rate by. */
export interface ReadyVersion {
  /** `undefined`: a file that is not imported. */
  readonly id: number | undefined;
  readonly tariff: Tariff;
  readonly rater: CallRater;
  readonly months: LocalMonths;
}

/** What was imported and this program does not take: a later one is stricter, or an older one knows less. */
export interface Unreadable {
  readonly id: number | undefined;
  readonly faults: readonly string[];
}

/** Imported versions, each read once: they never change. */
export class TariffBook {
  readonly #tariffs: Pick<Tariffs, 'periods' | 'version'>;
  readonly #read = new Map<number, ReadyVersion | Unreadable>();

  constructor(tariffs: Pick<Tariffs, 'periods' | 'version'>) {
    this.#tariffs = tariffs;
  }

  /** Reads what has been imported since. @throws StoreUnavailable */
  async refresh(): Promise<void> {
    for (const { id, withdrawnAt } of await this.#tariffs.periods())
      if (withdrawnAt === undefined) await this.version(id);
  }

  /** @throws StoreUnavailable */
  async version(id: number): Promise<ReadyVersion | Unreadable | undefined> {
    if (!this.#read.has(id)) {
      const version = await this.#tariffs.version(id);
      if (version) this.#read.set(id, readyVersion(version));
    }
    return this.#read.get(id);
  }

  /** `undefined` until `refresh` or `version` has read it. */
  known(id: number): ReadyVersion | Unreadable | undefined {
    return this.#read.get(id);
  }
}

/** A tariff of a file that is not imported has no number. */
export function readyVersion({
  id,
  content,
  rates,
}: Pick<TariffVersion, 'content' | 'rates'> & { readonly id: number | undefined }):
  | ReadyVersion
  | Unreadable {
  const parsed = parseTariffFile(content, rates);
  if (parsed.kind === 'faulty') return { id, faults: parsed.faults };
  const { tariff } = parsed;
  return { id, tariff, rater: new CallRater(tariff), months: new LocalMonths(tariff.zone) };
}
