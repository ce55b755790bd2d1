import type { AccountNumber } from '../../src/bytes/account-number.js';
import { sha256 } from '../../src/crypto/hash.js';
import type { RandomSource } from '../../src/crypto/random.js';
import { tailDigestOf } from '../../src/protocol/data-exchange/version-2/rules.js';
import {
  ChunkSealer,
  chunkOverhead,
  type Opened,
  StreamOpener,
} from '../../src/protocol/data-exchange/version-2/sealed-stream.js';
import { ContentRefused, type ReceivedFile } from '../../src/session/session.js';
import type {
  ContentSummary,
  FoundTransfer,
  IncomingTransfer,
  IncomingTransfers,
  Intake,
  OutgoingTransfer,
  SignedReceipt,
  TransferStart,
} from '../../src/session/version-2/transfer.js';

/** The machine that both stores of one side run on: it stops at its n-th durable operation, before or after that is done. */
export class Machine {
  operations = 0;
  #isDown = false;
  readonly #crash: { readonly at: number; readonly when: 'before' | 'after' } | undefined;

  constructor(crash?: { readonly at: number; readonly when: 'before' | 'after' }) {
    this.#crash = crash;
  }

  get hasCrashed(): boolean {
    return this.#isDown;
  }

  durably(change: () => void): void {
    if (this.#isDown) throw new Error('the machine is down');
    const isDue = this.operations++ === this.#crash?.at;
    if (isDue) this.#isDown = true;
    if (!isDue || this.#crash?.when === 'after') change();
    if (isDue) throw new Error('the machine went down');
  }
}

/** What a spool has on its disk. */
export interface SpoolDisk {
  sessionId: Uint8Array;
  transferKey: Uint8Array;
  chunks: Uint8Array[];
  handshakeHashes: Uint8Array[];
  receipt: SignedReceipt | undefined;
  isDeleted: boolean;
}

export function newSpool(random: RandomSource): SpoolDisk {
  return {
    sessionId: random(16),
    transferKey: random(32),
    chunks: [],
    handshakeHashes: [],
    receipt: undefined,
    isDeleted: false,
  };
}

export interface SourceOptions {
  readonly chunkLength?: number;
  /** Resolves before each chunk is sealed: live data. */
  readonly live?: () => Promise<void>;
  readonly random?: RandomSource;
  /** The length is told only when the last chunk is sealed. */
  readonly isUnknown?: boolean;
}

/** A spool in memory over content that can be read again. */
export class MemorySpool implements OutgoingTransfer {
  readonly disk: SpoolDisk;
  /** Every chunk that was ever sealed: key, chunk number and ciphertext, to look for a nonce that served twice. */
  readonly sealed: { readonly key: string; readonly chunk: number; readonly octets: string }[] = [];
  readonly #machine: Machine;
  readonly #pieces: Uint8Array[] = [];
  readonly #content: Uint8Array;
  readonly #options: SourceOptions;

  constructor(disk: SpoolDisk, content: Uint8Array, options: SourceOptions = {}, machine = new Machine()) {
    this.disk = disk;
    this.#content = content;
    this.#options = options;
    this.#machine = machine;
    const length = options.chunkLength ?? 100;
    for (let at = 0; at < content.length; at += length) this.#pieces.push(content.subarray(at, at + length));
    if (!options.isUnknown) this.#sealAll();
  }

  get sessionId(): Uint8Array {
    return this.disk.sessionId;
  }

  get transferKey(): Uint8Array {
    return this.disk.transferKey;
  }

  get length(): number | undefined {
    return this.#isWhole() ? this.#stream().length : undefined;
  }

  get handshakeHashes(): readonly Uint8Array[] {
    return this.disk.handshakeHashes;
  }

  async tailDigest(opened: number, next: number): Promise<Uint8Array | undefined> {
    const stream = this.#stream();
    return next > stream.length ? undefined : tailDigestOf(stream.subarray(opened, next));
  }

  async renew(): Promise<void> {
    const random = this.#options.random;
    if (!random) throw new Error('the source cannot be read again');
    const renewed = newSpool(random);
    this.#machine.durably(() => Object.assign(this.disk, renewed));
    if (!this.#options.isUnknown) this.#sealAll();
  }

  async noteHandshake(hash: Uint8Array): Promise<void> {
    this.#machine.durably(() => this.disk.handshakeHashes.push(hash));
  }

  async *read(from: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    for (let offset = from; !signal.aborted; ) {
      const held = this.#stream().subarray(offset);
      if (held.length > 0) {
        offset += held.length;
        yield held;
      } else if (this.#isWhole()) return;
      else {
        await Promise.race([this.#options.live?.(), aborted]);
        if (!signal.aborted) this.#sealNext();
      }
    }
  }

  contentOctets(offset: number): number {
    let octets = 0;
    let at = 0;
    for (const chunk of this.disk.chunks) {
      if (at >= offset) break;
      octets += chunk.length - chunkOverhead;
      at += chunk.length;
    }
    return octets;
  }

  async content(): Promise<ContentSummary | undefined> {
    return this.#isWhole() ? summaryOf(this.#content, this.#pieces.length) : undefined;
  }

  async acknowledge(receipt: SignedReceipt): Promise<void> {
    this.#machine.durably(() => (this.disk.receipt = receipt));
    this.#machine.durably(() => (this.disk.isDeleted = true));
  }

  #isWhole(): boolean {
    return this.disk.chunks.length === this.#pieces.length;
  }

  #stream(): Uint8Array {
    return Buffer.concat(this.disk.chunks);
  }

  #sealAll(): void {
    while (!this.#isWhole()) this.#sealNext();
  }

  #sealNext(): void {
    const { chunks } = this.disk;
    const position = {
      chunks: chunks.length,
      octets: chunks.reduce((sum, chunk) => sum + chunk.length - chunkOverhead, 0),
    };
    const sealer = new ChunkSealer(this.disk, position);
    const piece = this.#pieces[chunks.length] as Uint8Array;
    const chunk = sealer.seal(piece, chunks.length === this.#pieces.length - 1);
    this.sealed.push({
      key: Buffer.from(this.transferKey).toString('hex'),
      chunk: position.chunks,
      octets: Buffer.from(chunk).toString('hex'),
    });
    this.#machine.durably(() => chunks.push(chunk));
  }
}

export function summaryOf(content: Uint8Array, chunks: number): ContentSummary {
  return { sha256: sha256.digest(content), octets: content.length, chunks };
}

/** What a recipient has on its disk. Sessions by peer and id. */
export interface InboxDisk {
  readonly parts: Map<string, { transferKey: Uint8Array; octets: Uint8Array }>;
  readonly receipts: Map<string, SignedReceipt>;
  /** Content that people see, in the order in which it came. */
  readonly inbox: Uint8Array[];
}

export function newInbox(): InboxDisk {
  return { parts: new Map(), receipts: new Map(), inbox: [] };
}

/** Content that begins with this must not be unpacked. */
export const hostileMark = Buffer.from('HOSTILE');

export class MemoryInbox implements IncomingTransfers {
  readonly disk: InboxDisk;
  readonly claims = new Set<string>();
  isFull = false;
  /** Of every transfer that was opened, what was asked of it, in order. */
  readonly asked: string[] = [];
  readonly #machine: Machine;

  constructor(disk: InboxDisk = newInbox(), machine = new Machine()) {
    this.disk = disk;
    this.#machine = machine;
  }

  async find(peer: AccountNumber, sessionId: Uint8Array): Promise<FoundTransfer> {
    const name = nameOf(peer, sessionId);
    const receipt = this.disk.receipts.get(name);
    if (receipt) return { kind: 'filed', receipt };
    if (this.isFull) return { kind: 'not now', reason: 'no room' };
    if (this.claims.has(name)) return { kind: 'not now', reason: 'another call has this session' };
    this.claims.add(name);
    const part = this.disk.parts.get(name);
    if (!part) return { kind: 'none' };
    const opener = new StreamOpener({ transferKey: part.transferKey, sessionId });
    if (opener.push(part.octets).state.kind === 'broken') this.#cut(name, opener.openedOctets);
    const next = (this.disk.parts.get(name) as { octets: Uint8Array }).octets.length;
    const tail = part.octets.subarray(opener.openedOctets, next);
    return { kind: 'partial', held: { opened: opener.openedOctets, next, tailDigest: tailDigestOf(tail) } };
  }

  async open(peer: AccountNumber, start: TransferStart): Promise<IncomingTransfer | undefined> {
    const { sessionId, transferKey, from, replaces } = start;
    const name = nameOf(peer, sessionId);
    const part = this.disk.parts.get(name);
    if (this.disk.receipts.has(name)) return undefined;
    if (replaces && this.claims.has(name)) return undefined;
    if (part && Buffer.compare(part.transferKey, transferKey) !== 0) return undefined;
    this.#machine.durably(() => {
      if (replaces) this.disk.parts.delete(nameOf(peer, replaces));
      if (!part) this.disk.parts.set(name, { transferKey, octets: new Uint8Array() });
    });
    if (replaces) this.claims.delete(nameOf(peer, replaces));
    this.claims.add(name);
    if (part && part.octets.length > from) this.#cut(name, from);
    return new MemoryIncoming(this, this.#machine, name, sessionId);
  }

  async leave(peer: AccountNumber, sessionId: Uint8Array): Promise<void> {
    this.claims.delete(nameOf(peer, sessionId));
  }

  async forget(peer: AccountNumber, sessionId: Uint8Array): Promise<void> {
    this.#machine.durably(() => this.disk.receipts.delete(nameOf(peer, sessionId)));
  }

  #cut(name: string, length: number): void {
    const part = this.disk.parts.get(name) as { octets: Uint8Array };
    this.#machine.durably(() => (part.octets = part.octets.slice(0, length)));
  }
}

class MemoryIncoming implements IncomingTransfer {
  readonly #inbox: MemoryInbox;
  readonly #machine: Machine;
  readonly #name: string;
  readonly #opener: StreamOpener;
  readonly #quarantine: Uint8Array[] = [];

  constructor(inbox: MemoryInbox, machine: Machine, name: string, sessionId: Uint8Array) {
    this.#inbox = inbox;
    this.#machine = machine;
    this.#name = name;
    this.#opener = new StreamOpener({ transferKey: this.#part.transferKey, sessionId });
  }

  get #part(): { transferKey: Uint8Array; octets: Uint8Array } {
    return this.#inbox.disk.parts.get(this.#name) as { transferKey: Uint8Array; octets: Uint8Array };
  }

  get contentOctets(): number {
    return this.#opener.position.octets;
  }

  async begin(): Promise<Intake> {
    return this.#judge(this.#opener.push(this.#part.octets));
  }

  async write(octets: Uint8Array): Promise<Intake> {
    this.#inbox.asked.push('write');
    const part = this.#part;
    this.#machine.durably(() => (part.octets = Buffer.concat([part.octets, octets])));
    return this.#judge(this.#opener.push(octets));
  }

  async file(receipt: SignedReceipt): Promise<readonly ReceivedFile[]> {
    this.#inbox.asked.push('file');
    this.#machine.durably(() => {
      this.#inbox.disk.inbox.push(Buffer.concat(this.#quarantine));
      this.#inbox.disk.receipts.set(this.#name, receipt);
      this.#inbox.disk.parts.delete(this.#name);
    });
    const { octets } = this.#opener.position;
    return [{ name: 'content', size: octets, sha256: '', mtime: new Date(0) }];
  }

  async refuse(receipt: SignedReceipt): Promise<void> {
    this.#inbox.asked.push('refuse');
    this.#machine.durably(() => {
      this.#inbox.disk.receipts.set(this.#name, receipt);
      this.#inbox.disk.parts.delete(this.#name);
    });
  }

  #judge({ chunks, state }: Opened): Intake {
    this.#quarantine.push(...chunks);
    const content = Buffer.concat(this.#quarantine);
    if (content.subarray(0, hostileMark.length).equals(hostileMark)) throw new ContentRefused('a bomb');
    if (state.kind === 'complete') {
      return { kind: 'complete', content: summaryOf(content, this.#opener.position.chunks) };
    }
    if (state.kind === 'broken') {
      const part = this.#part;
      this.#machine.durably(() => (part.octets = part.octets.slice(0, this.#opener.openedOctets)));
    }
    return state;
  }
}

function nameOf(peer: AccountNumber, sessionId: Uint8Array): string {
  return `${peer} ${Buffer.from(sessionId).toString('hex')}`;
}
