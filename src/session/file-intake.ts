import type { AccountNumber } from '../bytes/account-number.js';
import { FileOpener } from '../crypto/file-cipher.js';
import type { DataRecipientEvent } from '../protocol/data-exchange/events.js';
import { sealedLengthMax } from '../protocol/data-exchange/rules.js';
import { ContentRefused, type Quarantine, type ReceivedFile } from './session.js';

/**
 * The file of one inbound session on its way from the line through the cipher to the quarantine. Every method
 * but `discard` answers with the machine's event, and rejects for no fault of the peer or the disk.
 */
export class FileIntake {
  files: readonly ReceivedFile[] = [];
  /** Octets of C so far. */
  length = 0;
  readonly #open: (peer: AccountNumber) => Promise<Quarantine>;
  readonly #lengthMax: number;
  #quarantine: Promise<Quarantine> | undefined;
  #opener: FileOpener | undefined;

  /** @param lengthMax octets of C that are accepted (G4) */
  constructor(open: (peer: AccountNumber) => Promise<Quarantine>, lengthMax = sealedLengthMax) {
    this.#open = open;
    this.#lengthMax = lengthMax;
  }

  async open(peer: AccountNumber): Promise<DataRecipientEvent> {
    try {
      this.#quarantine = this.#open(peer);
      await this.#quarantine;
      return { type: 'quarantine.opened' };
    } catch (error) {
      return { type: 'quarantine.failed', fault: String(error) };
    }
  }

  start(sessionKey: Uint8Array): void {
    this.#opener = new FileOpener(sessionKey);
  }

  async take(sealed: Uint8Array): Promise<DataRecipientEvent> {
    this.length += sealed.length;
    if (this.length > this.#lengthMax) return { type: 'file.tooLong' };
    const { opener, quarantine } = await this.#started();
    return answerOf(async () => {
      const container = opener.update(sealed);
      if (container.length > 0) await quarantine.write(container);
      return { type: 'file.progress' };
    });
  }

  async finish(): Promise<DataRecipientEvent> {
    const { opener, quarantine } = await this.#started();
    return answerOf(async () => {
      const verdict = opener.finish();
      if (verdict.kind === 'broken') return { type: 'file.broken' };
      if (verdict.octets.length > 0) await quarantine.write(verdict.octets);
      return { type: 'file.intact', fileHash: verdict.fileHash };
    });
  }

  async release(): Promise<DataRecipientEvent> {
    const { quarantine } = await this.#started();
    return answerOf(async () => {
      this.files = await quarantine.release();
      return { type: 'content.released' };
    });
  }

  /** Also when the quarantine is still being opened, or was never opened. */
  async discard(): Promise<void> {
    const quarantine = await this.#quarantine?.catch(() => undefined);
    await quarantine?.discard();
  }

  async #started(): Promise<{ opener: FileOpener; quarantine: Quarantine }> {
    const quarantine = await this.#quarantine;
    if (!this.#opener || !quarantine) throw new TypeError('a file is taken in before its quarantine is open');
    return { opener: this.#opener, quarantine };
  }
}

async function answerOf(work: () => Promise<DataRecipientEvent>): Promise<DataRecipientEvent> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ContentRefused) return { type: 'content.refused', fault: error.message };
    return { type: 'content.notStored', fault: String(error) };
  }
}
