import type { AccountNumber } from '../bytes/account-number.js';
import type { RandomSource } from '../crypto/random.js';
import type { Clock } from '../time/clock.js';
import { readIfThere, replaceDurably } from './durable-file.js';
import { EndpointError } from './endpoint-error.js';
import {
  deriveMasterKey,
  isRightPassphrase,
  isWhole,
  type KeyRingCost,
  type KeyRingDocument,
  longTermKeyOctets,
  openEntry,
  parseKeyRing,
  sealDocument,
  sealEntry,
  usualCost,
} from './key-ring-file.js';
import { withWriteLock } from './write-lock.js';

/** Asks a person, the environment or a file; `create` is when it is chosen (a prompt asks twice then). */
export type AskPassphrase = (purpose: 'create' | 'open') => Promise<string>;

export interface KeyRingPlace {
  readonly path: string;
  readonly lockPath: string;
  readonly own: AccountNumber;
  readonly clock: Clock;
  readonly random: RandomSource;
}

export interface LongTermKey {
  readonly key: Uint8Array;
  /** UTC milliseconds. */
  readonly pairedAt: number;
}

/** The long-term keys of one endpoint, open in memory; the file holds them sealed under the passphrase. */
export class KeyRing {
  readonly #place: KeyRingPlace;
  readonly #master: Uint8Array;
  #keys: Map<AccountNumber, LongTermKey>;

  constructor(place: KeyRingPlace, master: Uint8Array, document: KeyRingDocument) {
    this.#place = place;
    this.#master = master;
    this.#keys = openEntries(place, master, document);
  }

  /** The key shared with `peer` as last read. */
  keyOf(peer: AccountNumber): LongTermKey | undefined {
    return this.#keys.get(peer);
  }

  /** Reads the file again: another process of this endpoint may have paired meanwhile. */
  async refresh(): Promise<void> {
    this.#take(await readDocument(this.#place));
  }

  /**
   * 495 and 500: durable before it resolves; replaces an older key of the pair.
   * @returns the date of the pairing, UTC milliseconds
   */
  async save(peer: AccountNumber, longTermKey: Uint8Array): Promise<number> {
    if (longTermKey.length !== longTermKeyOctets) throw new RangeError('a long-term key has 20 octets');
    const { own, clock, random } = this.#place;
    const pairedAt = clock.utcMs();
    const entry = sealEntry(this.#master, { own, peer, pairedAt }, longTermKey, random);
    await this.#change((entries) => [...entries, entry], peer);
    return pairedAt;
  }

  /** Forgets the key shared with `peer`; nothing to do is done. */
  async remove(peer: AccountNumber): Promise<void> {
    await this.#change((entries) => entries, peer);
  }

  /** Overwrites the keys in memory. */
  close(): void {
    this.#master.fill(0);
    for (const { key } of this.#keys.values()) key.fill(0);
    this.#keys.clear();
  }

  async #change(
    change: (others: KeyRingDocument['entries']) => KeyRingDocument['entries'],
    peer: AccountNumber,
  ): Promise<void> {
    const { path, lockPath, clock, random, own } = this.#place;
    await withWriteLock(lockPath, clock, async () => {
      const current = await readDocument(this.#place);
      this.#take(current);
      const others = current.entries.filter((entry) => entry.own !== own || entry.peer !== peer);
      const next = sealDocument(this.#master, current, change(others), random);
      await replaceDurably(path, `${JSON.stringify(next, undefined, 2)}\n`);
      this.#take(next);
    });
  }

  #take(document: KeyRingDocument): void {
    this.#keys = openEntries(this.#place, this.#master, document);
  }
}

/** A new, empty key ring. The caller made sure that there is none. */
export async function createKeyRing(
  place: KeyRingPlace,
  ask: AskPassphrase,
  cost: KeyRingCost = usualCost,
): Promise<KeyRing> {
  const passphrase = await ask('create');
  if (passphrase === '') {
    throw new EndpointError(
      'usage',
      'The passphrase is empty. The key ring needs one; choose several words.',
    );
  }
  const salt = Buffer.from(place.random(16)).toString('hex');
  const master = await deriveMasterKey(passphrase, salt, cost);
  const document = sealDocument(master, { cost, salt }, [], place.random);
  await replaceDurably(place.path, `${JSON.stringify(document, undefined, 2)}\n`);
  return new KeyRing(place, master, document);
}

/** @throws EndpointError `wrong-passphrase` or `damaged` */
export async function openKeyRing(place: KeyRingPlace, ask: AskPassphrase): Promise<KeyRing> {
  const document = await readDocument(place);
  const master = await deriveMasterKey(await ask('open'), document.salt, document.cost);
  if (!isRightPassphrase(master, document)) {
    throw new EndpointError(
      'wrong-passphrase',
      `The passphrase does not open the key ring ${place.path}. Nothing was changed; try again.`,
    );
  }
  return new KeyRing(place, master, document);
}

async function readDocument(place: KeyRingPlace): Promise<KeyRingDocument> {
  const text = await readIfThere(place.path);
  if (text === undefined) throw damaged(place, 'it is missing');
  const document = parseKeyRing(text);
  if ('fault' in document) throw damaged(place, document.fault);
  return document;
}

function openEntries(
  place: KeyRingPlace,
  master: Uint8Array,
  document: KeyRingDocument,
): Map<AccountNumber, LongTermKey> {
  if (!isWhole(master, document)) throw damaged(place, 'it was altered, or replaced while this program ran');
  const keys = new Map<AccountNumber, LongTermKey>();
  for (const entry of document.entries) {
    if (entry.own !== place.own) continue;
    const key = openEntry(master, entry);
    if (!key) throw damaged(place, `the key of account ${entry.peer} was made for another pair`);
    keys.set(entry.peer, { key, pairedAt: entry.pairedAt });
  }
  return keys;
}

function damaged(place: KeyRingPlace, fault: string): EndpointError {
  return new EndpointError(
    'damaged',
    `The key ring ${place.path} cannot be used: ${fault}. Put it back from a backup, or move it away, run ` +
      '`cordboard endpoint init` for an empty one and pair again.',
  );
}
