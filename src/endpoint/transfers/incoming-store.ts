import { lstat, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { AccountNumber } from '../../bytes/account-number.js';
import { syncFolder } from '../../disk/durable-writes.js';
import { tailDigestOf } from '../../protocol/data-exchange/version-2/rules.js';
import { StreamOpener } from '../../protocol/data-exchange/version-2/sealed-stream.js';
import type {
  FoundTransfer,
  HeldPart,
  IncomingTransfer,
  IncomingTransfers,
  TransferStart,
} from '../../session/version-2/transfer.js';
import type { Clock } from '../../time/clock.js';
import { type ContainerLimits, containerLimits } from '../container/limits.js';
import { roomOn } from '../disk-room.js';
import { makeFolder } from '../durable-file.js';
import { codeOf, EndpointError } from '../endpoint-error.js';
import { checkInbox, fileSession, quarantineFor } from '../inbox.js';
import { takeLock } from '../lock-file.js';
import { ContentFolder } from './content-folder.js';
import { IncomingContent, type SessionEnds } from './incoming-content.js';
import { PartFile } from './part-file.js';
import type { SecretBox } from './secret-box.js';
import {
  partName,
  readEndRecord,
  readOpenRecord,
  removeEndRecord,
  removePart,
  removeSession,
  writeEndRecord,
  writeOpenRecord,
} from './session-record.js';

export interface IncomingPlace {
  /** Folder below which each peer has a folder of sessions. */
  readonly incoming: string;
  readonly quarantine: string;
  readonly inbox: string;
  /** Octets that a transfer may bring; the unfinished ones of a peer hold no more while another begins. */
  readonly largestOctets: number;
  readonly clock: Clock;
  readonly secrets: SecretBox;
  /** The peer's name in the address book. */
  nameOf(peer: AccountNumber): Promise<string>;
}

/** How long a session is known without a call or an acknowledgement. */
const keptMs = 30 * 86_400_000;

/** What a call holds of a session. */
interface Claim {
  readonly giveBack: () => Promise<void>;
  content?: IncomingContent;
  folder?: ContentFolder;
}

/** The transfers that came to one endpoint or are coming, in every process of it. */
export class IncomingStore implements IncomingTransfers {
  readonly #place: IncomingPlace;
  readonly #limits: ContainerLimits;
  /** By `nameOf`. */
  readonly #claims = new Map<string, Claim>();
  readonly #inboxFolders = new Map<string, string>();

  constructor(place: IncomingPlace, limits: ContainerLimits = containerLimits) {
    this.#place = place;
    this.#limits = limits;
  }

  async find(peer: AccountNumber, sessionId: Uint8Array, announced = 0): Promise<FoundTransfer> {
    const session = this.#session(peer, sessionId);
    const claim = await this.#claim(session);
    if (!claim) return { kind: 'not now', reason: 'another call has this session' };
    try {
      const receipt = await this.#ended(session);
      if (receipt) {
        await this.#giveBack(session);
        return { kind: 'filed', receipt };
      }
      if (!(await this.#hasRoom(session, announced))) {
        await this.#giveBack(session);
        return { kind: 'not now', reason: 'the disk is too full for it; make room' };
      }
      const record = await readOpenRecord(session.folder, this.#place.secrets, session.context);
      if (record) return { kind: 'partial', held: await heldPart(session.part, { ...record, sessionId }) };
      await removeSession(session.folder);
      return { kind: 'none' };
    } catch (error) {
      await this.#giveBack(session);
      throw error;
    }
  }

  async open(peer: AccountNumber, start: TransferStart): Promise<IncomingTransfer | undefined> {
    const session = this.#session(peer, start.sessionId);
    const isNew = !this.#claims.has(session.name);
    const claim = isNew ? await this.#claim(session) : this.#claims.get(session.name);
    if (!claim || claim.content) return undefined;
    try {
      return await this.#begin(peer, session, claim, start);
    } finally {
      if (isNew && !claim.content) await this.#giveBack(session);
    }
  }

  async leave(peer: AccountNumber, sessionId: Uint8Array): Promise<void> {
    const session = this.#session(peer, sessionId);
    const { content, folder } = this.#claims.get(session.name) ?? {};
    try {
      await content?.close();
      if (folder) {
        // First: content that is gone is taken for filed.
        await this.#ended(session);
        await rm(folder.path, { recursive: true, force: true });
      }
    } finally {
      await this.#giveBack(session);
    }
  }

  async forget(peer: AccountNumber, sessionId: Uint8Array): Promise<void> {
    await removeSession(this.#session(peer, sessionId).folder);
  }

  /** The folder below the inbox of a session that this process filed. */
  inboxFolderOf(peer: AccountNumber, sessionId: Uint8Array): string | undefined {
    return this.#inboxFolders.get(this.#session(peer, sessionId).name);
  }

  /** Forgets sessions that no call touched for 30 days, and what a crash left of ended ones. */
  async sweep(): Promise<void> {
    const { incoming, clock } = this.#place;
    for (const peer of (await readdir(incoming).catch(() => [])).filter((name) => /^\d{12}$/.test(name))) {
      for (const id of await readdir(join(incoming, peer)).catch(() => [])) {
        const session = this.#session(peer as AccountNumber, Buffer.from(id, 'hex'));
        if (basename(session.folder) !== id || !(await this.#claim(session))) continue;
        await this.#tidy(session, (touchedMs) => clock.utcMs() - touchedMs > keptMs);
      }
    }
  }

  /** Of a session that is claimed, which is given back. */
  async #tidy(session: Session, isOver: (touchedMs: number, hasEnded: boolean) => boolean): Promise<void> {
    try {
      const { touchedMs, hasEnded } = await this.#lastTouch(session);
      if (isOver(touchedMs, hasEnded)) await this.#throwAway(session);
      else if (hasEnded) await removePart(session.folder);
    } catch (error) {
      // A damaged record stays for a person to look at.
      if (!(error instanceof EndpointError)) throw error;
    } finally {
      await this.#giveBack(session);
    }
  }

  /** Throws away the oldest parts of the peer's other sessions: given up by it, or to be sent anew. No peer fills the disk with beginnings. */
  async #makeRoom(peer: AccountNumber, { folder }: Session): Promise<void> {
    const parts: { readonly session: Session; readonly size: number; readonly mtimeMs: number }[] = [];
    for (const id of await readdir(dirname(folder)).catch(() => [])) {
      const session = this.#session(peer, Buffer.from(id, 'hex'));
      const part = session.folder === folder ? undefined : await stat(session.part).catch(() => undefined);
      if (part) parts.push({ session, ...part });
    }
    let held = 0;
    for (const { session, size } of parts.sort((a, b) => b.mtimeMs - a.mtimeMs)) {
      held += size;
      if (held > this.#place.largestOctets && (await this.#claim(session)))
        await this.#tidy(session, (_, hasEnded) => !hasEnded);
    }
  }

  async #begin(
    peer: AccountNumber,
    session: Session,
    claim: Claim,
    { sessionId, transferKey, from, replaces }: TransferStart,
  ): Promise<IncomingTransfer | undefined> {
    const { secrets, clock, inbox } = this.#place;
    if (await this.#ended(session)) return undefined;
    const record = await readOpenRecord(session.folder, secrets, session.context);
    if (record && Buffer.compare(record.transferKey, transferKey) !== 0) return undefined;
    await checkInbox(inbox);
    const opened = { transferKey, touchedMs: clock.utcMs() };
    await writeOpenRecord(session.folder, opened, secrets, session.context);
    if (replaces) {
      const replaced = this.#session(peer, replaces);
      await this.#throwAway(replaced);
      await this.#giveBack(replaced);
    }
    await this.#makeRoom(peer, session);
    const part = await PartFile.open(session.part);
    try {
      if (part.length < from) return undefined;
      if (part.length > from) await part.cut(from);
      await part.sync();
      await syncFolder(session.folder);
      claim.folder = await ContentFolder.make(await this.#quarantineOf(session), this.#limits);
      const ends = this.#endsOf(peer, session, claim.folder);
      claim.content = new IncomingContent({ transferKey, sessionId }, part, claim.folder, this.#limits, ends);
      return claim.content;
    } finally {
      if (!claim.content) await part.close();
    }
  }

  async #lastTouch(session: Session): Promise<{ touchedMs: number; hasEnded: boolean }> {
    if (await this.#ended(session)) {
      return { touchedMs: (await readEndRecord(session.folder))?.touchedMs ?? 0, hasEnded: true };
    }
    const record = await readOpenRecord(session.folder, this.#place.secrets, session.context);
    return { touchedMs: record?.touchedMs ?? 0, hasEnded: false };
  }

  /** The receipt of a session that has ended. One that a crash kept from being filed goes on. */
  async #ended(session: Session): Promise<Uint8Array | undefined> {
    const end = await readEndRecord(session.folder);
    if (!end) return undefined;
    // The second place is where a home that was moved has it.
    const places = end.content === undefined ? [] : [end.content, await this.#quarantineOf(session)];
    const isThere = await Promise.all(places.map(exists));
    if (!isThere.includes(true)) return end.receipt;
    await removeEndRecord(session.folder);
    return undefined;
  }

  #endsOf(peer: AccountNumber, session: Session, folder: ContentFolder): SessionEnds {
    const { inbox, clock } = this.#place;
    return {
      file: async (receipt, files) => {
        const touchedMs = clock.utcMs();
        const name = await this.#place.nameOf(peer);
        await writeEndRecord(session.folder, { receipt, content: folder.path, touchedMs });
        // The one step: with this rename the record above comes to hold.
        const inboxFolder = await fileSession(folder.path, inbox, {
          account: peer,
          name,
          receivedAt: new Date(touchedMs),
          files,
          receipt,
        });
        this.#inboxFolders.set(session.name, inboxFolder);
        await syncFolder(dirname(folder.path)).catch(() => undefined);
        await removePart(session.folder).catch(() => undefined);
      },
      refuse: async (receipt) => {
        await writeEndRecord(session.folder, { receipt, content: undefined, touchedMs: clock.utcMs() });
        await removePart(session.folder).catch(() => undefined);
      },
    };
  }

  async #quarantineOf(session: Session): Promise<string> {
    const folder = await quarantineFor(this.#place.inbox, this.#place.quarantine);
    // Beside an inbox on another disk there may be none yet.
    await makeFolder(folder);
    return join(folder, session.name);
  }

  async #throwAway(session: Session): Promise<void> {
    await removeSession(session.folder);
    await rm(await this.#quarantineOf(session), { recursive: true, force: true });
  }

  /** For the rest of the part, and for the content, which is not smaller. */
  async #hasRoom(session: Session, announced: number): Promise<boolean> {
    const { incoming, inbox } = this.#place;
    await makeFolder(incoming);
    await checkInbox(inbox);
    const quarantine = dirname(await this.#quarantineOf(session));
    const held = await stat(session.part).catch(() => undefined);
    const rest = Math.max(0, announced - (held?.size ?? 0));
    const isOneDisk = quarantine === this.#place.quarantine;
    if ((await roomOn(incoming)) <= rest + (isOneDisk ? announced : 0)) return false;
    return isOneDisk || (await roomOn(inbox)) > announced;
  }

  async #claim(session: Session): Promise<Claim | undefined> {
    if (this.#claims.has(session.name)) return undefined;
    const locks = join(this.#place.incoming, 'locks');
    await makeFolder(locks);
    try {
      const giveBack = await takeLock(join(locks, session.name), {
        clock: this.#place.clock,
        patienceMs: 0,
        heldBy: (pid) => `Process ${pid} is receiving this transfer.`,
      });
      const claim = { giveBack };
      this.#claims.set(session.name, claim);
      return claim;
    } catch (error) {
      if (error instanceof EndpointError && error.outcome === 'locked') return undefined;
      throw error;
    }
  }

  async #giveBack(session: Session): Promise<void> {
    const claim = this.#claims.get(session.name);
    this.#claims.delete(session.name);
    await claim?.giveBack();
  }

  #session(peer: AccountNumber, sessionId: Uint8Array): Session {
    const id = Buffer.from(sessionId).toString('hex');
    const folder = join(this.#place.incoming, peer, id);
    return {
      name: `${peer}-${id}`,
      folder,
      part: join(folder, partName),
      context: `incoming transfer|${peer}|${id}`,
    };
  }
}

interface Session {
  /** Names it among the sessions of all peers. */
  readonly name: string;
  readonly folder: string;
  readonly part: string;
  /** What its key is sealed for. */
  readonly context: string;
}

/** What is there and opens; the rest is cut off. */
async function heldPart(
  path: string,
  key: { readonly transferKey: Uint8Array; readonly sessionId: Uint8Array },
): Promise<HeldPart> {
  const part = await PartFile.open(path);
  try {
    const opener = new StreamOpener(key);
    for await (const octets of part.read()) {
      if (opener.push(octets).state.kind !== 'broken') continue;
      await part.cut(opener.openedOctets);
      return { opened: part.length, next: part.length, tailDigest: tailDigestOf(new Uint8Array(0)) };
    }
    await part.sync();
    return { opened: opener.openedOctets, next: part.length, tailDigest: tailDigestOf(opener.tail) };
  } finally {
    await part.close();
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return false;
    throw cause;
  }
}
