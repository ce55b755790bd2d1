import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import type { AccountNumber } from '../bytes/account-number.js';
import { type Ed25519Key, ed25519 } from '../crypto/ed25519.js';
import type { RandomSource } from '../crypto/random.js';
import { type X25519Key, x25519 } from '../crypto/x25519.js';
import type { Clock } from '../time/clock.js';
import { readIfThere, replaceDurably } from './durable-file.js';
import { EndpointError } from './endpoint-error.js';
import {
  eraseContent,
  type KeyRingContent,
  newContent,
  type PeerSecrets,
  type ServerSecrets,
} from './key-ring-content.js';
import {
  deriveMasterKey,
  isRightPassphrase,
  type KeyRingCost,
  type KeyRingDocument,
  openDocument,
  parseDocument,
  sealDocument,
  usualCost,
} from './key-ring-file.js';
import { type KeyRingDocument1, openDocument1, parseDocument1 } from './key-ring-file-1.js';
import type { SecretBox } from './transfers/secret-box.js';
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

const longTermKeyOctets = 20;
const nonceOctets = 24;

/** The keys of one endpoint, open in memory; the file holds them sealed under the passphrase. Each change replaces the file as a whole. */
export class KeyRing implements SecretBox {
  /** What peers know this endpoint by. */
  readonly identity: { readonly ed25519: Ed25519Key; readonly x25519: X25519Key };
  readonly #place: KeyRingPlace;
  readonly #master: Uint8Array;
  #content: KeyRingContent;
  #byPeer: ReadonlyMap<AccountNumber, PeerSecrets> = new Map();
  /** One after the other: what was read before a change must not be taken after it. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(place: KeyRingPlace, master: Uint8Array, content: KeyRingContent) {
    this.#place = place;
    this.#master = master;
    this.#content = content;
    this.#take(content);
    const { identity } = content;
    this.identity = { ed25519: ed25519.key(identity.ed25519), x25519: x25519(identity.x25519) };
  }

  /** As last read. */
  get content(): KeyRingContent {
    return this.#content;
  }

  /** The key of version 1 shared with `peer`, as last read. */
  keyOf(peer: AccountNumber): LongTermKey | undefined {
    return this.#content.version1.find((each) => each.own === this.#place.own && each.peer === peer);
  }

  /** What version 2 keeps of `peer`, as last read. */
  peer(peer: AccountNumber): PeerSecrets | undefined {
    return this.#byPeer.get(peer);
  }

  /** Reads the file again: another process of this endpoint may have paired meanwhile. */
  refresh(): Promise<void> {
    return this.#inTurn(async () => {
      this.#take(openedDocument(this.#place, this.#master, await readDocument(this.#place)));
    });
  }

  /** Durable when it resolves, in one step with what another process may have changed meanwhile. An `edit` that throws changes nothing. */
  change(edit: (content: KeyRingContent) => KeyRingContent): Promise<void> {
    const { path, lockPath, clock, random } = this.#place;
    return this.#inTurn(() =>
      withWriteLock(lockPath, clock, async () => {
        const document = await readDocument(this.#place);
        const next = edit(openedDocument(this.#place, this.#master, document));
        await replaceDurably(path, documentText(sealDocument(this.#master, document, next, random)));
        this.#take(next);
      }),
    );
  }

  /** As `change`, of what is kept of one peer. */
  changePeer(peer: AccountNumber, edit: (before: PeerSecrets) => PeerSecrets): Promise<void> {
    return this.change((content) => {
      const before = content.peers.find((each) => each.peer === peer);
      const after = edit(before ?? { peer, runs: [], unfinished: [] });
      return { ...content, peers: [...content.peers.filter((each) => each !== before), after] };
    });
  }

  /**
   * 495 and 500 of version 1: durable before it resolves; replaces an older key of the pair.
   * @returns the date of the pairing, UTC milliseconds
   */
  async save(peer: AccountNumber, longTermKey: Uint8Array): Promise<number> {
    if (longTermKey.length !== longTermKeyOctets) throw new RangeError('a long-term key has 20 octets');
    const { own, clock } = this.#place;
    const pairedAt = clock.utcMs();
    const saved = { own, peer, pairedAt, key: Uint8Array.from(longTermKey) };
    await this.change((content) => ({
      ...content,
      version1: [...this.#othersOf(content, peer), saved],
    }));
    return pairedAt;
  }

  /** Forgets whatever is kept of `peer`; nothing to do is done. */
  async remove(peer: AccountNumber): Promise<void> {
    await this.change((content) => ({
      ...content,
      version1: this.#othersOf(content, peer),
      peers: content.peers.filter((each) => each.peer !== peer),
    }));
  }

  seal(context: string, secret: Uint8Array): Uint8Array {
    const nonce = this.#place.random(nonceOctets);
    const cipher = xchacha20poly1305(this.#content.boxKey, nonce, Buffer.from(context));
    return Buffer.concat([nonce, cipher.encrypt(secret)]);
  }

  open(context: string, sealed: Uint8Array): Uint8Array | undefined {
    try {
      const nonce = sealed.subarray(0, nonceOctets);
      const cipher = xchacha20poly1305(this.#content.boxKey, nonce, Buffer.from(context));
      return cipher.decrypt(sealed.subarray(nonceOctets));
    } catch {
      // noble's only answer to a wrong tag or length is to throw.
      return undefined;
    }
  }

  /** Overwrites the keys in memory. */
  close(): void {
    this.#master.fill(0);
    eraseContent(this.#content);
    this.#take({ ...this.#content, subscription: undefined, version1: [], peers: [] });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  #take(content: KeyRingContent): void {
    this.#content = content;
    this.#byPeer = new Map(content.peers.map((each) => [each.peer, each]));
  }

  #othersOf(content: KeyRingContent, peer: AccountNumber) {
    return content.version1.filter((each) => each.own !== this.#place.own || each.peer !== peer);
  }
}

/** A new, empty key ring. The caller made sure that there is none. */
export async function createKeyRing(
  place: KeyRingPlace,
  ask: AskPassphrase,
  cost: KeyRingCost = usualCost,
  subscription?: ServerSecrets,
): Promise<KeyRing> {
  const passphrase = await ask('create');
  if (passphrase === '') {
    throw new EndpointError(
      'usage',
      'The passphrase is empty. The key ring needs one; choose several words.',
    );
  }
  const { path, own, random } = place;
  const head = { salt: Buffer.from(random(16)).toString('hex'), cost };
  const master = await deriveMasterKey(passphrase, head);
  const content = { ...newContent(own, random), subscription };
  await replaceDurably(path, documentText(sealDocument(master, head, content, random)));
  return new KeyRing(place, master, content);
}

/** One of the first form becomes one of the second, with the same keys. @throws EndpointError `wrong-passphrase` or `damaged` */
export async function openKeyRing(place: KeyRingPlace, ask: AskPassphrase): Promise<KeyRing> {
  const document = await readAnyDocument(place);
  const master = await deriveMasterKey(await ask('open'), document);
  if (!isRightPassphrase(master, document)) {
    throw new EndpointError(
      'wrong-passphrase',
      `The passphrase does not open the key ring ${place.path}. Nothing was changed; try again.`,
    );
  }
  if (document.keyRing === 1) await migrate(place, master);
  return new KeyRing(place, master, openedDocument(place, master, await readDocument(place)));
}

/** The operator's root key as the file shows it to everybody, 32 octets; `undefined` without a subscription. */
export async function rootKeyIn(place: Pick<KeyRingPlace, 'path'>): Promise<Uint8Array | undefined> {
  const document = await readAnyDocument(place);
  return document.keyRing === 2 && document.rootKey !== null
    ? Buffer.from(document.rootKey, 'hex')
    : undefined;
}

async function migrate(place: KeyRingPlace, master: Uint8Array): Promise<void> {
  const { path, lockPath, own, clock, random } = place;
  await withWriteLock(lockPath, clock, async () => {
    const document = await readAnyDocument(place);
    // Another process may have been faster.
    if (document.keyRing === 2) return;
    const keys = openDocument1(master, document);
    if (!keys) throw damaged(place, wasAltered);
    const next = sealDocument(master, document, newContent(own, random, keys), random);
    await replaceDurably(path, documentText(next));
  });
}

async function readDocument(place: KeyRingPlace): Promise<KeyRingDocument> {
  const document = await readAnyDocument(place);
  if (document.keyRing === 1) throw damaged(place, 'it was replaced by an older one while this program ran');
  return document;
}

async function readAnyDocument(
  place: Pick<KeyRingPlace, 'path'>,
): Promise<KeyRingDocument | KeyRingDocument1> {
  const text = await readIfThere(place.path);
  if (text === undefined) throw damaged(place, 'it is missing');
  const json = jsonOf(text);
  const document = parseDocument1(json) ?? parseDocument(json);
  if ('fault' in document) throw damaged(place, document.fault);
  return document;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const wasAltered = 'it was altered, or replaced while this program ran';

function openedDocument(place: KeyRingPlace, master: Uint8Array, document: KeyRingDocument): KeyRingContent {
  const content = openDocument(master, document);
  if (!content) throw damaged(place, wasAltered);
  if (content.own !== place.own) throw damaged(place, `it belongs to account ${content.own}`);
  return content;
}

function documentText(document: KeyRingDocument): string {
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function damaged({ path }: Pick<KeyRingPlace, 'path'>, fault: string): EndpointError {
  return new EndpointError(
    'damaged',
    `The key ring ${path} cannot be used: ${fault}. Put it back from a backup, or move it away, run ` +
      '`cordboard endpoint init` for an empty one and pair again.',
  );
}
