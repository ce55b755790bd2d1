import { createHash } from 'node:crypto';
import {
  type Opened,
  type StreamKey,
  StreamOpener,
} from '../../protocol/data-exchange/version-2/sealed-stream.js';
import { ContentRefused, type ReceivedFile } from '../../session/session.js';
import type { IncomingTransfer, Intake, SignedReceipt } from '../../session/version-2/transfer.js';
import type { ContainerLimits } from '../container/limits.js';
import { ContentUnpacker } from '../container/version-2/unpack-content.js';
import { checkRoom } from '../disk-room.js';
import type { ContentFolder } from './content-folder.js';
import type { PartFile } from './part-file.js';

/** How the store ends a session. */
export interface SessionEnds {
  /** Files what is in the content folder. */
  file(receipt: SignedReceipt, files: readonly ReceivedFile[]): Promise<void>;
  refuse(receipt: SignedReceipt): Promise<void>;
}

/** One session's content on its way from the line into its part, and opened from there into quarantine. */
export class IncomingContent implements IncomingTransfer {
  readonly #part: PartFile;
  readonly #folder: ContentFolder;
  readonly #ends: SessionEnds;
  readonly #opener: StreamOpener;
  readonly #unpacker: ContentUnpacker;
  readonly #hash = createHash('sha256');

  constructor(
    key: StreamKey,
    part: PartFile,
    folder: ContentFolder,
    limits: ContainerLimits,
    ends: SessionEnds,
  ) {
    this.#part = part;
    this.#folder = folder;
    this.#ends = ends;
    this.#opener = new StreamOpener(key);
    this.#unpacker = new ContentUnpacker(folder, limits);
  }

  get contentOctets(): number {
    return this.#opener.position.octets;
  }

  async begin(): Promise<Intake> {
    let intake: Intake = { kind: 'more' };
    for await (const octets of this.#part.read()) {
      intake = await this.#judge(this.#opener.push(octets));
      if (intake.kind === 'broken') break;
    }
    return intake;
  }

  async write(octets: Uint8Array): Promise<Intake> {
    await checkRoom(this.#part.path);
    await this.#part.append(octets);
    return this.#judge(this.#opener.push(octets));
  }

  async file(receipt: SignedReceipt): Promise<readonly ReceivedFile[]> {
    await this.#unpacker.finish();
    const files = await this.#folder.finish();
    // Nobody should look for an empty folder.
    if (files.length === 0) throw new ContentRefused('an archive without a file');
    await this.#ends.file(receipt, files);
    return files;
  }

  refuse(receipt: SignedReceipt): Promise<void> {
    return this.#ends.refuse(receipt);
  }

  /** Leaves nothing open; what is in the part is durable, if the disk lets it. */
  async close(): Promise<void> {
    this.#unpacker.stop();
    await this.#folder.stop();
    await this.#part.sync().catch(() => undefined);
    await this.#part.close();
  }

  async #judge({ chunks, state }: Opened): Promise<Intake> {
    for (const content of chunks) {
      await checkRoom(this.#folder.path);
      this.#hash.update(content);
      await this.#unpacker.write(content);
    }
    switch (state.kind) {
      case 'more':
        return state;
      case 'broken':
        await this.#part.cut(this.#opener.openedOctets);
        return state;
      case 'complete': {
        const sha256 = new Uint8Array(this.#hash.copy().digest());
        return { kind: 'complete', content: { ...this.#opener.position, sha256 } };
      }
    }
  }
}
