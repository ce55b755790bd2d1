import type { AccountNumber } from '../../bytes/account-number.js';
import { equalOctets } from '../../crypto/mac.js';
import type { Log } from '../../log/log.js';
import type { DataRecipientEvent } from '../../protocol/data-exchange/version-2/events.js';
import {
  type Dx1,
  encodeStoredReceipt,
  type Key,
  parseStoredReceipt,
  type Receipt,
} from '../../protocol/data-exchange/version-2/packets.js';
import { tailDigestOf } from '../../protocol/data-exchange/version-2/rules.js';
import type { Clock } from '../../time/clock.js';
import { ContentRefused, type ReceivedFile } from '../session.js';
import type { IncomingTransfer, IncomingTransfers, Intake } from './transfer.js';

interface IntakeOptions {
  readonly incoming: IncomingTransfers;
  readonly limit: number | undefined;
  readonly clock: Clock;
  readonly log: Log;
  onProgress(receivedOctets: number): void;
}

const nothingHeld = { opened: 0, next: 0, tailDigest: tailDigestOf(new Uint8Array()) };

/** What one call does with one transfer of the store, one thing after another. Every method but `leave` answers with the machine's event. */
export class TransferIntake {
  files: readonly ReceivedFile[] = [];
  readonly #peer: AccountNumber;
  readonly #options: IntakeOptions;
  /** The session that this call has claimed. */
  #claimed: Uint8Array | undefined;
  #transfer: IncomingTransfer | undefined;
  #streamOctets = 0;
  /** What DX1 says of its session. */
  #announced: Pick<Dx1, 'sessionId' | 'length'> | undefined;
  /** Octets of the stream that is coming, where the sender has said it. */
  #announcedOctets = Number.POSITIVE_INFINITY;
  #last: Promise<unknown> = Promise.resolve();

  constructor(peer: AccountNumber, options: IntakeOptions) {
    this.#peer = peer;
    this.#options = options;
  }

  find(announced: Pick<Dx1, 'sessionId' | 'length'>): Promise<DataRecipientEvent> {
    const { sessionId, length } = announced;
    this.#announced = announced;
    return this.#answer(async () => {
      const found = await this.#options.incoming.find(this.#peer, sessionId, length);
      if (found.kind === 'not now') return { type: 'transfer.notNow', fault: found.reason };
      if (found.kind === 'filed') return filed(found.receipt);
      this.#claimed = sessionId;
      return { type: 'transfer.found', ...(found.kind === 'partial' ? found.held : nothingHeld) };
    });
  }

  open({ sessionId, transferKey, from }: Key, replaces: Uint8Array | undefined): Promise<DataRecipientEvent> {
    return this.#answer(async () => {
      const start = { sessionId, transferKey, from, replaces };
      const transfer = await this.#options.incoming.open(this.#peer, start);
      if (!transfer) return { type: 'transfer.impossible' };
      this.#claimed = sessionId;
      this.#transfer = transfer;
      this.#streamOctets = from;
      if (this.#announced && equalOctets(sessionId, this.#announced.sessionId))
        this.#announcedOctets = this.#announced.length ?? Number.POSITIVE_INFINITY;
      return this.#eventOf(await transfer.begin(), 'transfer.opened');
    });
  }

  take(octets: Uint8Array): Promise<DataRecipientEvent> {
    const { limit = Number.POSITIVE_INFINITY } = this.#options;
    return this.#answer(async () => {
      // What is above the announcement anybody on the line may have added: nothing to refuse the transfer for.
      const due = octets.subarray(0, Math.max(0, this.#announcedOctets - this.#streamOctets));
      this.#streamOctets += due.length;
      if (this.#streamOctets > limit) throw new ContentRefused(`more than ${limit} octets`);
      const event = this.#eventOf(await this.#opened().write(due), 'content.moving');
      const isMore = event.type === 'content.moving' && due.length < octets.length;
      return isMore ? { type: 'content.broken', fault: 'more octets than were announced' } : event;
    });
  }

  file(receipt: Receipt): Promise<DataRecipientEvent> {
    return this.#answer(async () => {
      this.files = await this.#opened().file(encodeStoredReceipt(receipt));
      return { type: 'content.filed' };
    });
  }

  refuse(receipt: Receipt): Promise<DataRecipientEvent> {
    return this.#answer(async () => {
      await this.#opened().refuse(encodeStoredReceipt(receipt));
      return { type: 'refusal.kept' };
    });
  }

  forget(sessionId: Uint8Array): Promise<DataRecipientEvent> {
    return this.#answer(async () => {
      await this.#options.incoming.forget(this.#peer, sessionId);
      return { type: 'transfer.forgotten' };
    });
  }

  /** Never rejects: the call is over, and its result stands. */
  async leave(): Promise<void> {
    await this.#last;
    if (!this.#claimed) return;
    const { incoming, log } = this.#options;
    await incoming
      .leave(this.#peer, this.#claimed)
      .catch((error: unknown) => log.error({ error: String(error) }, 'transfer not left in order'));
  }

  #answer(work: () => Promise<DataRecipientEvent>): Promise<DataRecipientEvent> {
    const answer = this.#last.then(work).catch((error: unknown): DataRecipientEvent => {
      if (!(error instanceof ContentRefused)) return { type: 'store.failed', fault: String(error) };
      return { type: 'content.refused', fault: error.message, utcMs: this.#options.clock.utcMs() };
    });
    this.#last = answer;
    return answer;
  }

  #eventOf(intake: Intake, more: 'transfer.opened' | 'content.moving'): DataRecipientEvent {
    this.#options.onProgress(this.#opened().contentOctets);
    switch (intake.kind) {
      case 'more':
        return { type: more };
      case 'complete':
        return { type: 'content.complete', content: intake.content, utcMs: this.#options.clock.utcMs() };
      case 'broken':
        return { type: 'content.broken', fault: intake.fault };
    }
  }

  #opened(): IncomingTransfer {
    if (!this.#transfer) throw new TypeError('content is taken in before its transfer is open');
    return this.#transfer;
  }
}

function filed(stored: Uint8Array): DataRecipientEvent {
  const receipt = parseStoredReceipt(stored);
  if (receipt.kind === 'malformed') return { type: 'store.failed', fault: receipt.fault };
  return { type: 'transfer.filed', receipt };
}
