import * as v from 'valibot';
import { type AccountNumber, parseAccountNumber } from '../bytes/account-number.js';
import type { Clock } from '../time/clock.js';
import { readIfThere, replaceDurably } from './durable-file.js';
import { EndpointError } from './endpoint-error.js';
import { quoted } from './quoted.js';
import { personName } from './settings.js';
import { withWriteLock } from './write-lock.js';

const version = v.picklist([1, 2]);

const peerSchema = v.strictObject({
  account: v.custom<AccountNumber>((value) => typeof value === 'string' && /^[0-9]{12}$/.test(value)),
  name: personName,
  /** UTC milliseconds of the last pairing; absent while unpaired. */
  pairedAt: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  /** G6: version 1 is off unless switched on for this peer. */
  allowVersion1: v.boolean(),
  /** Version 2: at a pairing each side types a string that the other reads out. The peer's wish counts too. */
  bothStrings: v.optional(v.literal(true)),
  /** Version 2: calls of this peer's for which this side is asked to pay are taken. */
  paysFor: v.optional(v.literal(true)),
  /** G6: the highest version spoken with this peer; it never falls. */
  versionFloor: version,
});

const bookSchema = v.strictObject({ addressBook: v.literal(1), peers: v.array(peerSchema) });

export type Peer = Readonly<v.InferOutput<typeof peerSchema>>;
export type ProtocolVersion = v.InferOutput<typeof version>;

/** Whether this side speaks version 1 with the peer (G6). */
export function speaksVersion1(peer: Peer): boolean {
  return peer.allowVersion1 && peer.versionFloor === 1;
}

/** `peers.json`, read anew each time: another process of this endpoint may have changed it. */
export class AddressBook {
  readonly #path: string;
  readonly #lockPath: string;
  readonly #own: AccountNumber;
  readonly #clock: Clock;

  constructor(path: string, lockPath: string, own: AccountNumber, clock: Clock) {
    this.#path = path;
    this.#lockPath = lockPath;
    this.#own = own;
    this.#clock = clock;
  }

  /** By name. @throws EndpointError `damaged` */
  async list(): Promise<Peer[]> {
    const text = await readIfThere(this.#path);
    if (text === undefined) return [];
    const book = v.safeParse(v.pipe(v.string(), v.parseJson(), bookSchema), text);
    if (book.success) return book.output.peers.sort((a, b) => a.name.localeCompare(b.name, 'en'));
    const [issue] = book.issues;
    throw new EndpointError(
      'damaged',
      `The address book ${this.#path} cannot be read (${v.getDotPath(issue) ?? 'file'}: ${issue.message}). Correct it or put it back from a backup.`,
    );
  }

  async find(account: AccountNumber): Promise<Peer | undefined> {
    return (await this.list()).find((peer) => peer.account === account);
  }

  /** @param text an account number or a name, in any case. @throws EndpointError `usage` when nobody is called so */
  async named(text: string): Promise<Peer> {
    const peers = await this.list();
    const account = parseAccountNumber(text.trim());
    const peer = peers.find((each) => each.account === account) ?? peers.find((each) => isCalled(each, text));
    if (peer) return peer;
    throw new EndpointError(
      'usage',
      `Nobody in the address book has the account or name ${quoted(text)}. See \`cordboard peers\`; add the peer there first.`,
    );
  }

  /** @throws EndpointError `usage` when the account or the name is taken, or is this endpoint's own */
  async add(account: AccountNumber, name: string, allowVersion1 = false): Promise<Peer> {
    if (account === this.#own) throw refusal(`${account} is this endpoint's own account.`);
    const peer: Peer = { account, name: checkedName(name), allowVersion1, versionFloor: 1 };
    await this.#change((peers) => {
      const known = peers.find((each) => each.account === account);
      if (known)
        throw refusal(`Account ${account} is in the address book already, as ${quoted(known.name)}.`);
      refuseTakenName(peers, name);
      return [...peers, peer];
    });
    return peer;
  }

  async rename(account: AccountNumber, name: string): Promise<Peer> {
    const checked = checkedName(name);
    return this.#update(account, (peer, others) => {
      refuseTakenName(others, checked);
      return { ...peer, name: checked };
    });
  }

  /** The key shared with the peer is the key ring's to remove. */
  async remove(account: AccountNumber): Promise<void> {
    await this.#change((peers) => peers.filter((peer) => peer.account !== account));
  }

  async wantBothStrings(account: AccountNumber, want: boolean): Promise<Peer> {
    return this.#update(account, ({ bothStrings: _, ...peer }) =>
      want ? { ...peer, bothStrings: true } : peer,
    );
  }

  async payFor(account: AccountNumber, pays: boolean): Promise<Peer> {
    return this.#update(account, ({ paysFor: _, ...peer }) => (pays ? { ...peer, paysFor: true } : peer));
  }

  async allowVersion1(account: AccountNumber, allow: boolean): Promise<Peer> {
    return this.#update(account, (peer) => ({ ...peer, allowVersion1: allow }));
  }

  /** G6: a pairing of version 2 raises the floor in the same step. */
  async markPaired(account: AccountNumber, pairedAt: number, version: ProtocolVersion = 1): Promise<Peer> {
    return this.#update(account, (peer) => ({ ...raised(peer, version), pairedAt }));
  }

  /** G6: rises only; a lower version changes nothing. */
  async raiseFloor(account: AccountNumber, spoken: ProtocolVersion): Promise<Peer> {
    return this.#update(account, (peer) => raised(peer, spoken));
  }

  async #update(
    account: AccountNumber,
    change: (peer: Peer, others: readonly Peer[]) => Peer,
  ): Promise<Peer> {
    let changed: Peer | undefined;
    await this.#change((peers) => {
      const peer = peers.find((each) => each.account === account);
      if (!peer) throw refusal(`Account ${account} is not in the address book.`);
      const others = peers.filter((each) => each !== peer);
      changed = change(peer, others);
      return [...others, changed];
    });
    if (!changed) throw new Error('the change was not made');
    return changed;
  }

  #change(change: (peers: readonly Peer[]) => readonly Peer[]): Promise<void> {
    return withWriteLock(this.#lockPath, this.#clock, async () => {
      const peers = change(await this.list());
      await replaceDurably(this.#path, `${JSON.stringify({ addressBook: 1, peers }, undefined, 2)}\n`);
    });
  }
}

function raised(peer: Peer, spoken: ProtocolVersion): Peer {
  return spoken > peer.versionFloor ? { ...peer, versionFloor: spoken } : peer;
}

function isCalled(peer: Peer, name: string): boolean {
  return foldCase(peer.name) === foldCase(name);
}

function foldCase(name: string): string {
  return name.trim().normalize('NFC').toLowerCase();
}

function checkedName(name: string): string {
  const result = v.safeParse(personName, name);
  if (!result.success) throw refusal(`The name ${quoted(name)} ${result.issues[0].message}.`);
  // Digits alone would be taken for an account number.
  if (parseAccountNumber(result.output))
    throw refusal(`The name ${quoted(name)} is a number; choose a name.`);
  return result.output;
}

function refuseTakenName(peers: readonly Peer[], name: string): void {
  const holder = peers.find((peer) => isCalled(peer, name));
  if (holder)
    throw refusal(`Account ${holder.account} is called ${quoted(holder.name)} already; choose another name.`);
}

function refusal(message: string): EndpointError {
  return new EndpointError('usage', message);
}
