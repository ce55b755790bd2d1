import type { DataSenderEvent } from '../../protocol/data-exchange/version-2/events.js';
import { chunkOverhead, sealedChunkMax } from '../../protocol/data-exchange/version-2/sealed-stream.js';
import type { BridgedCall } from './bridged-call.js';
import type { OutgoingTransfer } from './transfer.js';

export interface ContentStreamOptions {
  readonly transfer: OutgoingTransfer;
  /** Octets of content that the line has taken, and of all content where it is known; also those of earlier calls. */
  onProgress(sentOctets: number, totalOctets: number | undefined): void;
}

/** Where a stream stands that the machine has ordered whole. */
interface Order {
  readonly limit: number;
}

/** Content on its way from the spool to the line, never more than a piece of it in memory: `sendBulk` says when the line takes more. */
export class ContentStream {
  readonly #call: BridgedCall;
  readonly #options: ContentStreamOptions;
  readonly #report: (event: DataSenderEvent) => void;
  readonly #abort = new AbortController();
  readonly #ordered: Promise<void>;
  #setOrdered: () => void = () => {};
  #order: Order | undefined;
  #headStart = 0;
  #offset = 0;
  #isAwaited = false;
  #isRunning = false;
  #run: Promise<void> = Promise.resolve();

  constructor(call: BridgedCall, options: ContentStreamOptions, report: (event: DataSenderEvent) => void) {
    this.#call = call;
    this.#options = options;
    this.#report = report;
    this.#ordered = new Promise((resolve) => {
      this.#setOrdered = resolve;
    });
  }

  /** The first octets, at most so many, before anything is ordered; nothing is reported of them. */
  headStart(octets: number): void {
    this.#headStart = octets;
    this.#begin();
  }

  /** All octets from there on, less than `limit`. Behind a head start it goes on where that is, and `from` is 0. */
  send(from: number, limit = Number.POSITIVE_INFINITY): void {
    this.#order = { limit };
    this.#setOrdered();
    if (this.#isAwaited) this.#report({ type: 'content.awaited' });
    if (this.#isRunning) return;
    this.#offset = from;
    this.#begin();
  }

  /** Resolves when the spool is read no more. */
  async stop(): Promise<void> {
    this.#abort.abort();
    this.#setOrdered();
    await this.#run;
  }

  #begin(): void {
    this.#isRunning = true;
    this.#run = this.#stream();
  }

  async #stream(): Promise<void> {
    const { transfer } = this.#options;
    const { signal } = this.#abort;
    try {
      this.#await();
      for await (const octets of transfer.read(this.#offset, signal)) {
        if (!(await this.#sendChunk(octets))) return;
        this.#await();
      }
      await this.#ordered;
      if (signal.aborted) return;
      const content = await transfer.content();
      if (!content) throw new Error('the spool ended before the last chunk');
      this.#report({ type: 'content.sent', content });
    } catch (error) {
      await this.#ordered;
      this.#report({ type: 'store.failed', fault: String(error) });
    }
  }

  /** @returns whether more is to be sent */
  async #sendChunk(octets: Uint8Array): Promise<boolean> {
    this.#isAwaited = false;
    for (let at = 0; at < octets.length; ) {
      const length = await this.#nextLength();
      const piece = octets.subarray(at, at + length);
      at += piece.length;
      if (!(await this.#sendPiece(piece))) return false;
    }
    return true;
  }

  /** Octets of the next piece; once a head start is used up, when the rest is ordered. */
  async #nextLength(): Promise<number> {
    const room = this.#headStart - this.#offset;
    if (!this.#order && room > 0) return Math.min(room, pieceLength(this.#call.rate));
    await this.#ordered;
    return pieceLength(this.#call.rate);
  }

  async #sendPiece(piece: Uint8Array): Promise<boolean> {
    const { transfer, onProgress } = this.#options;
    const { signal } = this.#abort;
    if (signal.aborted) return false;
    if (this.#offset + piece.length > (this.#order?.limit ?? Number.POSITIVE_INFINITY)) {
      this.#report({ type: 'content.tooLarge' });
      return false;
    }
    if (this.#order) this.#report({ type: 'content.moving' });
    if (!(await this.#call.channel.sendBulk(piece))) return false;
    this.#offset += piece.length;
    onProgress(contentBefore(transfer, this.#offset), totalOf(transfer));
    return !signal.aborted;
  }

  #await(): void {
    this.#isAwaited = true;
    if (this.#order) this.#report({ type: 'content.awaited' });
  }
}

/** Of a bulk record: some eight seconds of the line, so that a slow one shows within `idle` that it moves. */
function pieceLength(rate = 4_096): number {
  return Math.max(256, Math.min(rate, 16_384));
}

/** The spool counts whole chunks, and a chunk is fifteen seconds of a line: within one, octets of the stream stand for those of the content. */
function contentBefore(transfer: OutgoingTransfer, offset: number): number {
  const inFullChunks = offset - Math.ceil(offset / sealedChunkMax) * chunkOverhead;
  return Math.min(transfer.contentOctets(offset), Math.max(0, inFullChunks));
}

function totalOf(transfer: OutgoingTransfer): number | undefined {
  return transfer.length === undefined ? undefined : transfer.contentOctets(transfer.length);
}
