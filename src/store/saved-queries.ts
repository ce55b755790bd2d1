import type { CallFilter } from './call-filter.js';

/** A question that staff ask again: a filter under a name. */
export interface SavedQuery {
  readonly name: string;
  /** `undefined` where a newer program has saved what this one does not know. */
  readonly filter: Omit<CallFilter, 'after' | 'limit'> | undefined;
  readonly savedAt: Date;
  /** The name of the system's user. */
  readonly savedBy: string;
}

export interface SavedQueries {
  /** Replaces what had this name. */
  save(query: SavedQuery & { readonly filter: CallFilter }): Promise<void>;
  find(name: string): Promise<SavedQuery | undefined>;
  /** By name. */
  list(): Promise<SavedQuery[]>;
  /** False when there was none. */
  remove(name: string): Promise<boolean>;
}
